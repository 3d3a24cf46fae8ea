import type { ProblemWords } from "./problems.ko.ts";

const reissue =
  "Reissue it: All menus → Certificate centre → Mobile certificate → Issue / reissue.";
const again = "Please try again in a moment.";
const signIn = "Please log in again. What you entered is not lost.";

/** Keyed by the server's stable codes, and by the app's own (`offline`, `timeout`, …). */
export const enProblems: Readonly<Record<string, ProblemWords>> = {
  unknown: {
    what: "That did not work.",
    todo: `${again} If it happens again, tell the customer centre the error code.`,
  },
  offline: {
    what: "There is no internet connection.",
    todo: "Check your connection and try again.",
  },
  timeout: {
    what: "The bank did not answer in time.",
    todo: "Check your connection and try again.",
  },
  bad_answer: {
    what: "The bank's answer could not be understood.",
    todo: "Reload the page and try again.",
  },
  unavailable: {
    what: "The bank is busy.",
    todo: "Send the same request again. It is never carried out twice.",
  },
  internal_error: { what: "Something went wrong at the bank.", todo: again },
  malformed: {
    what: "Something you entered has the wrong form.",
    todo: "Please check what you entered.",
  },
  log_too_short: {
    what: "The bank's record is not that long.",
    todo: "Please try again in a moment.",
  },
  not_found: { what: "That could not be found.", todo: "Please start again from the home screen." },
  too_many_requests: { what: "Too many requests.", todo: again },
  use_dpop_nonce: { what: "The security check took too long.", todo: again },
  invalid_dpop_proof: {
    what: "This device could not be verified.",
    todo: "Reload the page and try again.",
  },

  internal: { what: "Something went wrong at the bank.", todo: again },
  conflict: { what: "Another request got in between.", todo: again },
  forbidden: { what: "This is not allowed.", todo: "Please start again from the home screen." },
  too_many: { what: "Too many requests.", todo: again },
  bad_proof: { what: "This device could not be verified.", todo: "Reload the page and try again." },
  proof_replayed: { what: "The same request came twice.", todo: again },

  too_many_reports: {
    what: "No more reports can be taken today.",
    todo: "If it is urgent, call the customer centre.",
  },
  terms_not_agreed: {
    what: "A required term is not agreed to.",
    todo: "Please agree to all required terms.",
  },
  terms_outdated: {
    what: "The terms have changed.",
    todo: "Please read and agree to the new ones.",
  },
  wrong_step: {
    what: "It is not the turn of this step.",
    todo: "Go on from the screen we show you.",
  },
  wrong_internet_banking: {
    what: "The id or the password is wrong.",
    todo: "Please check both and try again.",
  },
  internet_banking_locked: {
    what: "Internet banking is locked after several wrong tries.",
    todo: "The customer centre unlocks it after checking your identity.",
  },
  too_many_from_here: {
    what: "Too many tries from this place.",
    todo: "Please try again in an hour.",
  },
  identity_mismatch: {
    what: "Your carrier has other details.",
    todo: "Check carrier, name, resident number and phone number.",
  },
  sim_recently_changed: {
    what: "Your SIM was changed recently, so your number proves nothing for now.",
    todo: "Try again in a few days or call us. If you did not change it, report a loss at once.",
  },
  too_many_codes: { what: "Too many codes were requested.", todo: "Please try again in an hour." },
  resend_too_soon: { what: "It is too early for another code.", todo: "Please wait a little." },
  wrong_code: { what: "The code is wrong.", todo: "Check the SMS and enter it again." },
  code_expired: { what: "The code has expired.", todo: "Please request another code." },
  code_spent: { what: "This code cannot be used any more.", todo: "Please request another code." },
  wrong_account_password: { what: "The account password is wrong.", todo: "Please try again." },
  account_password_locked: {
    what: "The account password is locked after several wrong tries.",
    todo: "Your ID card unlocks it: All menus → Banking → Unlock an account password. If you cannot log in, call the customer centre.",
  },
  login_id_taken: { what: "This id is taken.", todo: "Please choose another one." },
  weak_password: {
    what: "The password is too easy.",
    todo: "At least 10 characters with letters, digits and signs, without your id.",
  },
  name_mismatch: {
    what: "This is not the name you were verified with.",
    todo: "Please check the name.",
  },
  weak_account_password: {
    what: "The account password is too easy.",
    todo: "Avoid equal digits, runs, your birthday and the end of your phone number.",
  },
  account_passwords_differ: {
    what: "The two account passwords differ.",
    todo: "Please start again.",
  },
  pins_differ: { what: "The two PINs differ.", todo: "Please choose again." },
  patterns_differ: { what: "The two patterns differ.", todo: "Please draw again." },
  enrolment_over: { what: "The time for issuing is over.", todo: "Please start again." },
  enrolment_expired: { what: "The time for issuing is over.", todo: "Please start again." },
  no_enrolment: { what: "There is nothing to go on with.", todo: "Please start again." },
  already_answered: { what: "This step is done already.", todo: "Choose “Make them again”." },
  keys_not_proved: {
    what: "The methods are not all confirmed.",
    todo: "Choose “Make them again”.",
  },

  wrong_secret: { what: "That is not right.", todo: "Please try again." },
  unknown_key: { what: "The bank does not know this certificate.", todo: reissue },
  key_out_of_turn: {
    what: "The keys are made in another order.",
    todo: "Choose “Make them again”.",
  },
  wrong_credential_state: {
    what: "The certificate's state does not allow this.",
    todo: "Please look at the state of your certificate.",
  },
  unknown_act: {
    what: "The bank does not know this request.",
    todo: "Reload the page and try again.",
  },
  unknown_change: {
    what: "The time for the change is over.",
    todo: "Please start again. The old one still holds.",
  },
  no_key: { what: "There is no certificate on this phone.", todo: reissue },
  no_device_key: { what: "The storage of this phone was cleared.", todo: reissue },
  generation_mismatch: {
    what: "Phone and bank disagree about this certificate.",
    todo: "Reload the page and try again.",
  },
  copied_phone: {
    what: "There are signs that your certificate was copied. It is suspended.",
    todo: `Report a loss now. ${reissue}`,
  },
  server_behind: {
    what: "The bank is restoring its records.",
    todo: "Please tell the customer centre. Your certificate is safe.",
  },
  credential_locked: {
    what: "Your certificate is locked after five wrong tries.",
    todo: `Waiting does not unlock it. ${reissue}`,
  },
  credential_suspended: {
    what: "Your certificate is suspended.",
    todo: `Verify your identity. ${reissue}`,
  },
  credential_revoked: { what: "This certificate is revoked.", todo: reissue },
  pattern_disabled: {
    what: "The pattern is switched off.",
    todo: "Log in with the PIN and register a pattern again.",
  },
  unknown_request: { what: "There is nothing to sign.", todo: "Please start again." },
  request_expired: { what: "The time for signing is over.", todo: "Please start again." },
  request_already_signed: { what: "This was signed already.", todo: "Please look at the result." },
  wrong_method: { what: "This method cannot sign.", todo: "Please use the PIN." },
  bad_point: { what: "A security value is wrong.", todo: again },
  different_request: { what: "Another request came with the same number.", todo: again },
  session_over: { what: "This signing has ended.", todo: again },
  message_differs: {
    what: "What was to be signed differs from what was shown. Nothing was signed.",
    todo: "Do not send. Please tell the customer centre.",
  },
  certificate_differs: {
    what: "The certificate received is not this phone's.",
    todo: "Please tell the customer centre.",
  },

  passkey_refused: {
    what: "The passkey could not be verified.",
    todo: "Try again, or log in with the PIN.",
  },
  passkey_cancelled: {
    what: "Fingerprint or face was not confirmed.",
    todo: "Try again, or choose another way.",
  },
  passkey_unsupported: {
    what: "This device has no passkeys.",
    todo: "Please use the PIN or the pattern.",
  },
  passkey_exists: { what: "This device is registered already.", todo: "You can use it as it is." },
  not_signed_in: { what: "Please log in.", todo: signIn },
  session_idle: { what: "You were logged out after a pause.", todo: signIn },
  session_over_age: { what: "You were logged out because the login was old.", todo: signIn },
  session_ended: { what: "Your login has ended.", todo: signIn },
  no_second_device: {
    what: "No other device counts yet.",
    todo: "A registered one counts after a day. Please take the call for now.",
  },
  not_a_second_device: {
    what: "That passkey lies on this phone, or on several devices at once.",
    todo: "Please choose one that lies on one device alone, like a security key.",
  },
  identity_needed: {
    what: "You must be identified again before a protection is lowered.",
    todo: "Please identify yourself, then change it again.",
  },
  raise_needs_identity: {
    what: "You must be identified again before a limit is raised.",
    todo: "Please identify yourself, then raise it again.",
  },
  pin_login_needed: {
    what: "A login by pattern is not enough for this.",
    todo: "Please log in again with the PIN.",
  },
  too_many_passkeys: {
    what: "This certificate already has ten passkeys.",
    todo: "Remove one you no longer use, then add the new one.",
  },

  receipt_not_ready: {
    what: "The receipt is being made.",
    todo: "Try again in a moment.",
  },
  no_receipt: {
    what: "This transfer sent no money, so there is no receipt.",
    todo: "Ask again once it has been sent.",
  },
  payee_not_found: {
    what: "There is no such account.",
    todo: "Check the bank and the account number.",
  },
  account_not_found: {
    what: "There is no such account.",
    todo: "Please choose the account again.",
  },
  too_many_lookups: {
    what: "Too many accounts were looked up.",
    todo: "Please try again in an hour.",
  },
  over_per_transfer_limit: {
    what: "This is more than you can send at a time.",
    todo: "Please send less.",
  },
  over_daily_limit: {
    what: "This is more than you can send today.",
    todo: "Send less, or send tomorrow.",
  },
  new_device_limit: {
    what: "Your certificate is new, so large amounts are not open yet.",
    todo: "Send less, or send later.",
  },
  id_mismatch: { what: "There is another transfer with this number.", todo: "Please start again." },
  factors_missing: {
    what: "Something must be confirmed first.",
    todo: "Please finish what is left.",
  },
  more_factors_needed: {
    what: "More must be confirmed by now. Nothing was sent.",
    todo: "Please start again.",
  },
  signature_invalid: {
    what: "The signature did not fit; nothing was sent.",
    todo: "Please tell the customer centre.",
  },
  order_altered: {
    what: "The bank's record of this transfer was changed; nothing was sent.",
    todo: "Please tell the customer centre.",
  },
  protections_altered: {
    what: "The bank's record of your protections was changed, so nothing is sent now.",
    todo: "Please call the customer centre; you can send again once that is clear.",
  },
  authorization_used: {
    what: "This signature was used already.",
    todo: "Please look at the statement.",
  },
  insufficient_funds: {
    what: "There is not enough money.",
    todo: "Send less, or from another account.",
  },
  hold_not_found: {
    what: "There is no such money set aside.",
    todo: "Look under All menus → Banking → Transfers not sent yet.",
  },
  hold_already_posted: { what: "This was already sent.", todo: "Please look at the statement." },
  hold_already_voided: {
    what: "This was already cancelled.",
    todo: "Please start again to send it.",
  },
  hold_already_expired: {
    what: "Its time is over; the money was released.",
    todo: "Please start again to send it.",
  },
  exceeds_hold: { what: "This is more than was set aside.", todo: "Please send less." },
  over_unregistered_limit: {
    what: "This is more than may be sent today to a payee you have not designated.",
    todo: "Please send less, or designate the payee.",
  },
  over_account_day_limit: {
    what: "This limited account may not send so much today.",
    todo: "Please send less, or show the customer centre what the account is for.",
  },
  account_closed: { what: "The account is closed.", todo: "Please choose another account." },
  same_account: { what: "Both accounts are the same.", todo: "Please choose another account." },
  currency_mismatch: {
    what: "The accounts have different currencies.",
    todo: "Please choose another account.",
  },
  order_expired: { what: "The time for this transfer is over.", todo: "Please start again." },
  order_over: { what: "This transfer has ended already.", todo: "Please look at the result." },
  ars_fraud_reported: {
    what: "A fraud was reported; this transfer is stopped.",
    todo: "Please call the customer centre.",
  },
  already_designated: {
    what: "This account is on your list already.",
    todo: "The list says from when on it counts.",
  },
  too_many_designated: {
    what: "Your list of designated payees is full.",
    todo: "Remove one you no longer need, then add this one.",
  },
  too_late_to_cancel: {
    what: "The time to cancel this transfer is over.",
    todo: "If you were deceived, call the customer centre now.",
  },
  sms_hold_not_registered: {
    what: "You have not registered the text message in place of the call.",
    todo: "Take the call now; register it under All menus → Banking → Transfer safeguards.",
  },
  ars_spent: { what: "There are no more calls for this transfer.", todo: "Please start again." },
  ars_number_too_new: {
    what: "A new number cannot be called yet.",
    todo: "Try later, or send less.",
  },
};
