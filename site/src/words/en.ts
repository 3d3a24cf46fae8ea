import { enCertificate } from "./en.certificate.ts";
import { enLog } from "./en.log.ts";
import { enMoney } from "./en.money.ts";
import { enIssue } from "./en.issue.ts";
import { enOpening } from "./en.opening.ts";
import { enSafeguards } from "./en.safeguards.ts";
import type { Words } from "./ko.ts";
import { enOpeningProblems } from "./problems.opening.en.ts";
import { enJointProblems } from "./problems.joint.en.ts";
import { enProblems } from "./problems.en.ts";
import { plural } from "./plural.ts";

/** Everything the app says, in English. */
export const en: Words = {
  lang: "en",
  name: "Dojang",
  skip: "Skip to content",
  next: "Next",
  ok: "OK",
  back: "Back",
  cancel: "Cancel",
  close: "Close",
  again: "Try again",
  retrying: "Waiting for an answer. Please keep this screen open.",
  loading: "Loading",
  more: "Show more",
  none: "None",
  home: "Home",
  menu: "All menus",
  login: "Log in",
  logout: "Log out",
  otherLanguage: "한국어",
  required: "Required",
  optional: "Optional",
  step: (at, of) => `Step ${at} of ${of}`,
  reading: () => "",
  won: (digits) => `₩${digits}`,
  empty: "Nothing here yet.",
  hotline: "Customer centre",
  origin: "Address",

  greeting: {
    hello: "Welcome",
    helloName: (name) => `Welcome, ${name}`,
    lead: "One certificate to log in, send money and sign.",
    none: "There is no mobile certificate on this phone",
    noneLead:
      "Get one without visiting a branch. It does not expire, and needs no security card or OTP.",
    here: "Your mobile certificate is here",
    hereLead: "Log in to see its state and when it was used.",
    unfinished: "Your certificate is not finished yet",
    unfinishedLead: "You can go on where you stopped.",
    resume: "Go on",
    issue: "Get a certificate",
    details: "See my certificate",
    quick: "Often used",
    pending: "A transfer is not finished",
    pendingLead: "Log in to see how it ended or to go on with it. Please do not send it anew.",
    check: "Go on",
    dormant: (date) => `Revoked automatically if it is not used once before ${date}.`,
  },

  states: {
    ENROLLING: "Being issued",
    ACTIVE: "In use",
    LOCKED: "Locked",
    SUSPENDED_COPY: "Suspended (copy suspected)",
    SUSPENDED_LOSS: "Suspended (loss report)",
    REVOKED: "Revoked",
  },

  menus: {
    title: "All menus",
    path: "Where you are",
    center: "Certificate centre",
    security: "Security",
    mobile: "Mobile certificate",
    issue: "Issue / reissue",
    details: "Certificate details",
    history: "Certificate history",
    joint: "Joint certificate",
    jointOwn: "Issue and manage",
    jointCheck: "Check certificate files",
    revoke: "Revoke certificate",
    needsCertificate: "Available once you have a certificate",
    methods: "Ways to log in",
    pin: "Change PIN",
    pattern: "Change pattern",
    passkeys: "Fingerprint and face (passkeys)",
    sessions: "Logins and sessions",
    banking: "Banking",
    accounts: "Accounts",
    transfer: "Send money",
    limits: "How much I can send now",
    changeLimits: "Change my limits",
    opening: "Open a new account",
    unlock: "Unlock an account password",
    release: "Release a loss report",
    safeguards: "Transfer safeguards",
    held: "Transfers not sent yet",
    accident: "Loss report",
    loss: "Report a lost or stolen phone",
    settings: "Settings",
  },

  terms: enIssue.terms,

  who: enIssue.who,

  enrol: enIssue.enrol,

  pins: enIssue.pins,

  keypad: enIssue.keypad,

  pad: enIssue.pad,

  signIn: enCertificate.signIn,

  money: enMoney.money,

  send: enMoney.send,

  limit: enMoney.limit,

  guard: enSafeguards.guard,
  ...enOpening,
  ...enLog,

  cert: enCertificate.cert,

  method: enCertificate.method,

  loss: enCertificate.loss,

  set: {
    title: "Settings",
    language: "Language",
    shuffle: "Shuffle the keypad",
    shuffleHint:
      "The digits change places each time, so that it is harder to look over your shoulder.",
    textSize: "Text size",
    textSizeHint: "Follows your phone and browser. Everything stays readable up to 200%.",
    install: "Install as an app",
    installHint: "Choose “Add to home screen” in your browser's menu.",
    storage: "Storage",
    storageKept: "Kept safe from being cleared.",
    storageAsk: "Keep it from being cleared",
    storageWeak: "The browser may clear it.",
    sample: "This bank is for practice. No real money moves.",
  },

  unsupported: {
    title: "This browser cannot be used",
    lead: "It lacks what keeps a certificate safe.",
    todo: "Please update your browser, or open this page in a current Chrome, Safari, Firefox or Samsung Internet. If this is a private window, use an ordinary one.",
    missing: "Missing",
  },

  notFound: { title: "There is no such screen", lead: "Please check the address." },

  problemCode: (code) => `Error code ${code}`,
  triesLeft: (n) => `You can try ${plural(n, "more time", "more times")}.`,
  lastTries: (n) => `${n === 1 ? "One more" : `${n} more`} wrong and it is locked. Take your time.`,
  limitIs: (amount) => `The limit is ${amount}.`,
  leftToday: (amount) => `You can send ${amount} more today.`,
  noneLeft: "Nothing more can be sent today.",
  untilIs: (at) => `Until ${at}.`,
  bytesMax: (megabytes) => `At most ${megabytes} MB are taken.`,
  pixelsMax: (pixels) => `At most ${pixels} pixels are taken.`,
  retryIn: (minutes) => `You can do it again in ${plural(minutes, "minute", "minutes")}.`,
  resendAt: (at) => `Again at ${at}.`,
  weak: {
    too_short: "It is shorter than 10 characters.",
    too_long: "It is too long.",
    letters_digits_signs: "It needs letters, digits and signs.",
    contains_login_id: "It contains your id.",
    repeats: "It repeats a character.",
    common: "Everybody tries this one first.",
    not_four_digits: "It must be 4 digits.",
    all_equal: "All four digits are equal.",
    run_of_four: "The digits are in a row.",
    birth_date: "It is your birthday.",
    phone_digits: "It is the end of your phone number.",
    type: "It is neither a JPEG nor a PNG.",
    bytes: "The file is too large.",
    pixels: "It has too many pixels.",
    broken: "It is damaged and cannot be read.",
    scans: "It is a JPEG saved in too many layers.",
    parts: "The file is in too many pieces.",
    glare: "Light is reflected on it.",
    blurred: "It is too blurred to be read.",
    expired: "The card has expired.",
    mismatch: "It is not yours.",
    copy: "It is a picture of a screen or of a copy.",
    lost: "Its issuer does not know it, or has it as lost.",
    not_live: "It does not look like a living face.",
    too_dark: "It is too dark.",
  },
  problems: { ...enProblems, ...enOpeningProblems, ...enJointProblems },
};
