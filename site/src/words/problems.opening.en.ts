import type { ProblemWords } from "./problems.ko.ts";

/** Being identified again at a distance, and statements as files. */
export const enOpeningProblems: Readonly<Record<string, ProblemWords>> = {
  nothing_under_way: {
    what: "Nothing is under way here.",
    todo: "Please start again.",
  },
  another_under_way: {
    what: "Another identification is under way.",
    todo: "Finish it or give it up first.",
  },
  nothing_to_release: {
    what: "This certificate is not suspended by a loss report.",
    todo: "Try to log in; if that fails, have it reissued.",
  },
  account_password_not_locked: {
    what: "The account password is not locked.",
    todo: "Just use it.",
  },
  limited_account_held: {
    what: "You have a limited account already.",
    todo: "Show the bank what it is for; once its limit is lifted, you can open another.",
  },
  too_many_openings: {
    what: "This was begun too often today.",
    todo: "Please try again tomorrow.",
  },
  too_many_uploads: {
    what: "Too many pictures were sent today.",
    todo: "Please try again tomorrow.",
  },
  image_refused: {
    what: "This picture cannot be used.",
    todo: "Take it again or choose another.",
  },
  id_card_refused: {
    what: "The ID card was not accepted.",
    todo: "Take it again, or use another ID card.",
  },
  face_refused: {
    what: "The face was not accepted.",
    todo: "Look straight at the camera, in good light, and try again.",
  },
  opening_failed: {
    what: "Too many pictures were refused; it is over.",
    todo: "Start again, or come to a branch.",
  },
  opening_stopped: {
    what: "By this answer the account cannot be opened here.",
    todo: "If anybody told you to open one, please call us.",
  },
  other_account_unknown: {
    what: "The other bank knows no such account.",
    todo: "Check the bank and the number.",
  },
  other_account_not_yours: {
    what: "That account is not in your name.",
    todo: "Name an account of your own.",
  },
  too_many_one_won: {
    what: "1 won was sent too often today.",
    todo: "Try tomorrow, or take the other way.",
  },
  wrong_one_won: {
    what: "Those are not the four digits.",
    todo: "Look at the newest 1 won in the other bank's app.",
  },
  one_won_expired: {
    what: "The digits are no longer valid.",
    todo: "Have 1 won sent again.",
  },
  one_won_spent: {
    what: "The digits were wrong too often.",
    todo: "Have 1 won sent again.",
  },
  too_many_statements: {
    what: "Too many PDF statements were made within an hour.",
    todo: "Please wait, or download the CSV.",
  },
  export_too_long: {
    what: "There are too many lines for one file.",
    todo: "Choose a shorter period.",
  },
};
