import type { ProblemWords } from "./problems.ko.ts";

/** Refusals of the relying parties in the demo. */
export const enRelyingProblems: Readonly<Record<string, ProblemWords>> = {
  rp_challenge_over: {
    what: "There is nothing to sign here any more.",
    todo: "Please start again.",
  },
  rp_malformed_signature: {
    what: "This is no signature of the form that is taken here.",
    todo: "Please sign again.",
  },
  rp_other_content: {
    what: "Something else was signed than what was shown.",
    todo: "Please start again.",
  },
  rp_wrong_signature: { what: "The signature does not verify.", todo: "Please sign again." },
  rp_unknown_issuer: {
    what: "This site does not know who issued the certificate.",
    todo: "Use a joint certificate of this bank.",
  },
  rp_wrong_policy: {
    what: "This site does not take certificates of this kind.",
    todo: "Choose another certificate.",
  },
  rp_not_valid_now: {
    what: "The certificate is not valid now.",
    todo: "Renew it or issue a new one.",
  },
  rp_revoked: {
    what: "The certificate was revoked.",
    todo: "Use the one that took its place, or issue a new one.",
  },
  rp_status_unknown: {
    what: "The site could not learn whether the certificate is good.",
    todo: "Please try again.",
  },
  rp_randomness_refused: {
    what: "The random number of the certificate could not be read.",
    todo: "Please start again.",
  },
  rp_other_person: {
    what: "The certificate is not of the person with this number.",
    todo: "Check the resident number.",
  },
};
