import type { Words } from "./ko.ts";
import { plural } from "./plural.ts";

const hoursOf = (hours: number): string => plural(hours, "hour", "hours");
const minutesOf = (minutes: number): string => plural(minutes, "minute", "minutes");

/** Words for what one puts between a signature and the money. */
export const enSafeguards: Pick<Words, "guard"> = {
  guard: {
    title: "Transfer safeguards",
    lead: "Money sent under deceit is hard to get back. Give yourself time to stop it.",
    on: "On",
    off: "Off",
    change: "Change",
    sign: "Enter your PIN to sign",
    saved: "Changed",
    later: (what, at) => `${what} from ${at}`,
    waits: (hours) =>
      hours === 0
        ? "Turning it off or down takes effect at once too."
        : `Turning it off or down takes effect after ${hoursOf(hours)}. That is time for you if someone makes you do it.`,

    delay: "Delayed transfer",
    delayLead: "Your transfers are sent some hours after you sign. Until then you can cancel.",
    delayIs: (hours) => `Sent after ${hoursOf(hours)}`,
    delayNone: "Sent at once",
    delayChoose: "How long shall we wait?",
    delayCancel: (minutes) => `You can cancel until ${minutesOf(minutes)} before it is sent.`,
    spares: "Send to designated payees at once",
    sparesHint: "Payees you named in advance, such as family or rent, do not wait.",

    undo: "Time to undo",
    undoLead: (seconds) =>
      `Each transfer waits ${plural(seconds, "second", "seconds")}. If it was a mistake, undo it on the result screen.`,

    designated: "Designated payees",
    designatedLead: (limit) =>
      `While this is on, all other payees together get ${limit} a day at most. Your own accounts do not count.`,
    designatedOn: "Turn designated payees on",
    designatedOff: "Turn designated payees off",
    payees: "Your designated payees",
    payeesNone: "There are none yet.",
    payeeAdd: "Add a payee",
    payeeAddTitle: "Which account?",
    payeeCheck: "Is this the right account?",
    payeeFrom: (at) => `Designated from ${at}`,
    payeeSince: (at) => `Designated since ${at}`,
    payeeRemove: "Remove",
    payeeRemoveLabel: (holder) => `Remove ${holder}`,
    payeeRemoved: "Removed. From now on it is not designated.",
    payeeAdded: "Designated",
    unregistered: "Left today for payees that are not designated",

    sms: "Text message instead of the call",
    smsLead: (minutes) =>
      `If a call is no good for you, or you are abroad, confirm with a code by text message. Such a transfer is sent ${minutesOf(minutes)} later, and you can cancel it until then.`,

    device: "Another device instead of the call",
    deviceLead:
      "If you cannot take a call, or are abroad, a passkey on another device, registered beforehand, confirms transfers that need a call.",
    deviceHow:
      "Use one that lies on a single other device, like a security key. Account password and PIN are asked for all the same.",
    deviceWaits: (hours) =>
      hours === 0
        ? "It counts at once."
        : `It counts ${hoursOf(hours)} after you register it. We tell you by text message.`,
    deviceName: "Name of the device",
    deviceDefault: "My security key",
    deviceAdd: "Register another device",
    deviceAdded: "The device is registered",
    deviceRemoved: "Removed. It no longer counts.",
    deviceRemoveLabel: (name) => `Remove ${name}`,
    deviceFrom: (at) => `Counts from ${at}`,
    deviceSince: (at) => `Registered on ${at}`,
    noCall:
      "Cannot take a call, or are you abroad? Register text messages or another device in its place:",
    deviceInstead: "Confirm with a passkey on another device",

    holdTitle: "How it is sent",
    sendsAt: "Goes out at",
    cancelUntil: "Cancel by",
    untilSent: "until it is sent",
    why: {
      delay: "You turned on delayed transfer.",
      undo: "This is your time to undo a mistake.",
      sms: "A transfer confirmed by text message waits before it is sent.",
    },
    left: (time) => `Sent in ${time}`,
    undoNow: "Undo",
    cancelNow: "Cancel this transfer",
    pendingTitle: "Not sent yet",
    pendingLead: (holder, amount, at) => `${amount} goes to ${holder} at ${at}.`,
    tooLate: "The time to cancel is over. It will be sent soon.",
    cancelled: "Cancelled. The money is still in your account.",
    ended: {
      customer: "You cancelled it. The money is still in your account.",
      certificate_stopped:
        "Your certificate was suspended, so it was not sent. The money is still in your account.",
      order_altered:
        "The bank's record of it was changed, so it was not sent. Please tell the customer centre.",
      account_closed:
        "The payee's account was closed, so it was not sent. The money is still in your account.",
    },
    endedOther: "It could not be sent. The money is still in your account.",
    heldTitle: "Not sent yet",
    heldLead: "Transfers you have signed and that are still waiting.",
    heldCard: (count) => `${plural(count, "transfer is", "transfers are")} waiting`,
    heldNone: "Nothing is waiting.",
    heldCancelLabel: (holder, amount) => `Cancel ${amount} to ${holder}`,
    toHeld: "See what is waiting",
    endedTitle: "No longer waiting",
    endedOlder: "All other transfers and their receipts are in the statements of your accounts.",

    smsTitle: "Enter the code from the text message",
    smsInstead: (minutes) =>
      `Confirm by text message instead, and send ${minutesOf(minutes)} later`,
    smsSend: "Send me a code",
    smsWarn: "If somebody asks you for this code, it is fraud. The bank never asks for it.",
    smsLeft: (time, tries) => `${time} left · ${plural(tries, "try", "tries")} left`,
  },
};
