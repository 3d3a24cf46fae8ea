import type { Words } from "./ko.ts";

/** Words for the bank's log: what was ever issued in my name, and a history that was rewritten. */
export const enLog: Pick<Words, "log"> = {
  log: {
    title: "Every certificate ever issued in my name",
    lead: "Taken from a record that the bank can neither delete from nor change. This phone has checked the proof of each entry.",
    here: "This phone",
    kinds: { "certificate.issued": "Issued", "certificate.reissued": "Reissued" },
    at: "Issued",
    auth: "Serial number (login)",
    sign: "Serial number (signing)",
    place: "Place in the record",
    placeOf: (index) => `No. ${index} · proof checked`,
    recordTitle: "The record that was checked",
    size: "Length of the record",
    sizeOf: (size) => (size === 1 ? "1 entry" : `${size.toLocaleString("en-US")} entries`),
    signedAt: "Signed by the bank",
    root: "Fingerprint of the record",
    unknownTitle: "One you do not know?",
    unknownLead:
      "If you see a certificate that you did not ask for, report a loss at once and call the customer centre.",
    rewrittenTitle: "The bank's record is not what it was",
    rewrittenLead:
      "What the bank shows now does not continue the record this phone saw before. The past of that record must never change. You were logged out to be safe, and nothing is signed in this state.",
    rewrittenTodo:
      "Please save the evidence and call the customer centre. The file holds both records with their signatures.",
    kept: "Seen before",
    shown: "Shown now",
    notShown: "No record was shown",
    save: "Save the evidence",
  },
};
