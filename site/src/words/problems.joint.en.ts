import type { ProblemWords } from "./problems.ko.ts";

const restart = "Please start again.";

/** The joint certificate: refusals of the bank, and of the files on this device. */
export const enJointProblems: Readonly<Record<string, ProblemWords>> = {
  joint_key_refused: { what: "The bank cannot take this key.", todo: restart },
  joint_proof_refused: { what: "The key did not sign this request.", todo: restart },
  joint_randomness_refused: {
    what: "The random number sent with the key could not be read.",
    todo: restart,
  },
  joint_exists: {
    what: "You already have a joint certificate in use.",
    todo: "Please renew or reissue that one.",
  },
  joint_too_early: {
    what: "It is too early to renew.",
    todo: "Please renew from the day shown with the certificate.",
  },
  joint_expired: { what: "This joint certificate has expired.", todo: "Please issue a new one." },
  joint_revoked: {
    what: "This joint certificate was revoked before.",
    todo: "Please issue a new one.",
  },
  joint_not_signed: { what: "The PIN did not sign this request.", todo: restart },
  joint_request_over: {
    what: "The request is too old, or the certificate changed meanwhile.",
    todo: restart,
  },
  joint_ca_refused: {
    what: "The certification authority refused the request.",
    todo: "Please ask the bank. Nothing was issued.",
  },
  joint_registration_shown: {
    what: "The authorisation code is shown only once.",
    todo: "Please ask for a new one.",
  },
  joint_differs: {
    what: "The bank's certificate does not belong to the key made in this browser.",
    todo: "Do not use it. Please tell the customer centre.",
  },
  joint_no_key_here: {
    what: "The key of this certificate is not in this browser.",
    todo: "Use the browser it was issued in, or reissue it.",
  },
  joint_not_a_key: {
    what: "This is no certificate key, or it is damaged.",
    todo: "Please try another file.",
  },
  joint_key_sealed_otherwise: {
    what: "The key file is locked in a way this screen does not know.",
    todo: "Please check it with the program that made it.",
  },
  joint_wrong_password: {
    what: "The certificate password is wrong.",
    todo: "Capitals and small letters differ. Please try again; the bank does not know it.",
  },
  joint_no_random: {
    what: "The key file lacks the random number (R), so it cannot prove whose it is.",
    todo: "Please use another certificate.",
  },
  joint_zip_unreadable: {
    what: "This is no ZIP file we can read.",
    todo: "Please choose a ZIP of the NPKI folder, or the folder.",
  },
};
