import type { ProblemWords } from "./problems.ko.ts";

const restart = "처음부터 다시 해 주세요.";

/** The joint certificate: refusals of the bank, and of the files on this device. */
export const koJointProblems: Readonly<Record<string, ProblemWords>> = {
  joint_key_refused: { what: "은행이 받을 수 없는 열쇠예요.", todo: restart },
  joint_proof_refused: { what: "열쇠가 이 요청에 서명하지 않았어요.", todo: restart },
  joint_randomness_refused: { what: "열쇠와 함께 보낸 난수를 읽지 못했어요.", todo: restart },
  joint_exists: {
    what: "쓰고 있는 공동인증서가 이미 있어요.",
    todo: "그 인증서를 갱신하거나 재발급해 주세요.",
  },
  joint_too_early: {
    what: "아직 갱신할 수 있는 때가 아니에요.",
    todo: "인증서 화면에 적힌 날부터 갱신해 주세요.",
  },
  joint_expired: { what: "유효기간이 끝난 공동인증서예요.", todo: "새로 발급해 주세요." },
  joint_revoked: { what: "이미 폐기된 공동인증서예요.", todo: "새로 발급해 주세요." },
  joint_not_signed: {
    what: "간편비밀번호로 서명하지 않은 요청이에요.",
    todo: restart,
  },
  joint_request_over: {
    what: "요청한 시간이 지났거나 그사이 인증서가 바뀌었어요.",
    todo: restart,
  },
  joint_ca_refused: {
    what: "인증기관이 요청을 거절했어요.",
    todo: "발급된 인증서는 없어요. 은행에 문의해 주세요.",
  },
  joint_registration_shown: {
    what: "인가코드는 한 번만 보여 드려요.",
    todo: "새로 요청해 주세요.",
  },
  joint_differs: {
    what: "은행이 준 인증서가 이 브라우저에서 만든 열쇠와 맞지 않아요.",
    todo: "쓰지 말고 고객센터에 알려 주세요.",
  },
  joint_no_key_here: {
    what: "이 브라우저에 이 인증서의 열쇠가 없어요.",
    todo: "발급한 브라우저에서 하거나, 재발급해 주세요.",
  },
  joint_not_a_key: {
    what: "인증서 열쇠 파일이 아니거나 깨졌어요.",
    todo: "다른 파일로 다시 해 주세요.",
  },
  joint_key_sealed_otherwise: {
    what: "이 화면이 모르는 방법으로 잠긴 열쇠 파일이에요.",
    todo: "만든 프로그램에서 확인해 주세요.",
  },
  joint_wrong_password: {
    what: "인증서 비밀번호가 틀렸어요.",
    todo: "대문자와 소문자를 가려서 다시 입력해 주세요. 은행은 이 비밀번호를 몰라요.",
  },
  joint_no_random: {
    what: "열쇠 파일에 난수(R)가 없어서 본인 확인을 할 수 없어요.",
    todo: "다른 인증서로 해 주세요.",
  },
  joint_zip_unreadable: {
    what: "읽을 수 있는 ZIP 파일이 아니에요.",
    todo: "NPKI 폴더를 담은 ZIP이나 폴더를 골라 주세요.",
  },
};
