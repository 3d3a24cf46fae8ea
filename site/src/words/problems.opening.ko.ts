import type { ProblemWords } from "./problems.ko.ts";

/** Being identified again at a distance, and statements as files. */
export const koOpeningProblems: Readonly<Record<string, ProblemWords>> = {
  nothing_under_way: {
    what: "진행 중인 절차가 없어요.",
    todo: "처음부터 다시 시작해 주세요.",
  },
  another_under_way: {
    what: "먼저 시작한 본인확인이 있어요.",
    todo: "그것을 마치거나 그만둔 뒤 다시 해 주세요.",
  },
  nothing_to_release: {
    what: "사고신고로 정지된 인증서가 아니에요.",
    todo: "로그인해 보시고, 안 되면 재발급해 주세요.",
  },
  account_password_not_locked: {
    what: "계좌비밀번호가 잠겨 있지 않아요.",
    todo: "비밀번호를 그대로 써 주세요.",
  },
  limited_account_held: {
    what: "이미 한도제한계좌가 있어요.",
    todo: "그 계좌를 쓰는 목적을 은행에 확인받아 한도를 풀면 새로 열 수 있어요.",
  },
  too_many_openings: {
    what: "오늘 너무 여러 번 시작했어요.",
    todo: "내일 다시 해 주세요.",
  },
  too_many_uploads: {
    what: "오늘 보낸 사진이 너무 많아요.",
    todo: "내일 다시 해 주세요.",
  },
  image_refused: {
    what: "쓸 수 없는 사진이에요.",
    todo: "다시 찍거나 다른 사진을 골라 주세요.",
  },
  id_card_refused: {
    what: "신분증을 확인하지 못했어요.",
    todo: "다시 찍거나 다른 신분증을 써 주세요.",
  },
  face_refused: {
    what: "얼굴을 확인하지 못했어요.",
    todo: "밝은 곳에서 카메라를 똑바로 보고 다시 찍어 주세요.",
  },
  opening_failed: {
    what: "사진이 너무 여러 번 거절되어 끝났어요.",
    todo: "처음부터 다시 하거나 영업점에 방문해 주세요.",
  },
  opening_stopped: {
    what: "답하신 내용 때문에 여기에서 계좌를 열 수 없어요.",
    todo: "누가 계좌를 만들라고 했다면 고객센터로 전화해 주세요.",
  },
  other_account_unknown: {
    what: "그 은행에 그런 계좌가 없어요.",
    todo: "은행과 계좌번호를 확인해 주세요.",
  },
  other_account_not_yours: {
    what: "본인 이름의 계좌가 아니에요.",
    todo: "다른 은행에 있는 본인 계좌를 적어 주세요.",
  },
  too_many_one_won: {
    what: "오늘 1원을 너무 여러 번 보냈어요.",
    todo: "내일 다시 하거나 다른 방법을 골라 주세요.",
  },
  wrong_one_won: {
    what: "숫자 네 자리가 맞지 않아요.",
    todo: "가장 최근에 들어온 1원의 보낸 사람 이름을 확인해 주세요.",
  },
  one_won_expired: {
    what: "숫자를 쓸 수 있는 시간이 지났어요.",
    todo: "1원을 다시 받아 주세요.",
  },
  one_won_spent: {
    what: "숫자를 너무 여러 번 틀렸어요.",
    todo: "1원을 다시 받아 주세요.",
  },
  too_many_statements: {
    what: "한 시간 안에 PDF 거래내역서를 너무 많이 만들었어요.",
    todo: "잠시 기다리거나 CSV로 내려받아 주세요.",
  },
  export_too_long: {
    what: "한 파일에 담기에는 거래가 너무 많아요.",
    todo: "기간을 줄이거나 조건을 좁혀 주세요.",
  },
};
