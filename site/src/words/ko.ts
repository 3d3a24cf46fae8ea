import { won } from "../kit/won.ts";
import { koCertificate } from "./ko.certificate.ts";
import { koLog } from "./ko.log.ts";
import { koMoney } from "./ko.money.ts";
import { koIssue } from "./ko.issue.ts";
import { koOpening } from "./ko.opening.ts";
import { koSafeguards } from "./ko.safeguards.ts";
import { koOpeningProblems } from "./problems.opening.ko.ts";
import { koJointProblems } from "./problems.joint.ko.ts";
import { koProblems } from "./problems.ko.ts";

/** Everything the app says, in Korean; `en` has the same shape. Codes of the server are keys here. */
export const ko = {
  lang: "ko",
  name: "도장",
  skip: "본문으로 건너뛰기",
  next: "다음",
  ok: "확인",
  back: "이전",
  cancel: "취소",
  close: "닫기",
  again: "다시 시도",
  retrying: "응답을 기다리고 있어요. 이 화면을 닫지 마세요.",
  loading: "불러오는 중",
  more: "더 보기",
  none: "없음",
  home: "처음으로",
  menu: "전체메뉴",
  login: "로그인",
  logout: "로그아웃",
  otherLanguage: "English",
  required: "필수",
  optional: "선택",
  step: (at: number, of: number) => `${of}단계 중 ${at}단계`,
  /** How an amount is read; languages that read the digits say nothing. */
  reading: (amount: number): string => won.reading(amount),
  won: (digits: string) => `${digits}원`,
  empty: "아직 내역이 없어요.",
  hotline: "고객센터",
  origin: "접속한 주소",

  greeting: {
    hello: "안녕하세요",
    helloName: (name: string) => `${name}님, 안녕하세요`,
    lead: "인증서 하나로 로그인하고, 이체하고, 서명하세요.",
    none: "이 휴대전화에 모바일인증서가 없어요",
    noneLead: "지점에 가지 않고 발급해요. 유효기간이 없고, 보안카드나 OTP도 필요 없어요.",
    here: "모바일인증서가 있어요",
    hereLead: "로그인하면 상태와 사용 내역을 볼 수 있어요.",
    unfinished: "발급을 마치지 않았어요",
    unfinishedLead: "멈춘 곳부터 이어서 할 수 있어요.",
    resume: "이어서 발급하기",
    issue: "인증서 발급",
    details: "인증서 보기",
    quick: "자주 찾는 메뉴",
    pending: "끝나지 않은 이체가 있어요",
    pendingLead: "로그인해서 결과를 보거나 이어서 보내세요. 같은 이체를 새로 보내지 마세요.",
    check: "이어서 보기",
    dormant: (date: string) => `${date}까지 한 번도 쓰지 않으면 자동으로 폐기돼요.`,
  },

  states: {
    ENROLLING: "발급 중",
    ACTIVE: "사용 중",
    LOCKED: "잠김",
    SUSPENDED_COPY: "정지됨 (복제 의심)",
    SUSPENDED_LOSS: "정지됨 (사고신고)",
    REVOKED: "폐기됨",
  } as Record<string, string>,

  menus: {
    title: "전체메뉴",
    path: "메뉴 위치",
    center: "인증센터",
    security: "인증/보안",
    mobile: "모바일인증서",
    issue: "인증서 발급/재발급",
    details: "인증서 상세",
    history: "인증서 사용 내역",
    joint: "공동인증서",
    jointOwn: "공동인증서 발급·관리",
    jointCheck: "인증서 파일 검사",
    revoke: "인증서 폐기",
    needsCertificate: "인증서가 있을 때 쓸 수 있어요",
    methods: "인증방법",
    pin: "간편비밀번호 변경",
    pattern: "패턴 변경",
    passkeys: "지문·얼굴(패스키) 관리",
    sessions: "로그인 기기·세션",
    banking: "뱅킹",
    accounts: "계좌 조회",
    transfer: "이체",
    limits: "지금 보낼 수 있는 금액",
    changeLimits: "이체한도 바꾸기",
    opening: "새 계좌 만들기",
    unlock: "계좌비밀번호 잠금 풀기",
    release: "사고신고 풀기",
    safeguards: "이체 안전장치",
    held: "보내기 전 이체",
    accident: "사고신고",
    loss: "분실·도난 사고신고",
    settings: "설정",
  },

  terms: koIssue.terms,

  who: koIssue.who,

  enrol: koIssue.enrol,

  pins: koIssue.pins,

  keypad: koIssue.keypad,

  pad: koIssue.pad,

  signIn: koCertificate.signIn,

  money: koMoney.money,

  send: koMoney.send,

  limit: koMoney.limit,

  guard: koSafeguards.guard,
  ...koOpening,
  ...koLog,

  cert: koCertificate.cert,

  method: koCertificate.method,

  loss: koCertificate.loss,

  set: {
    title: "설정",
    language: "언어",
    shuffle: "키패드 숫자 섞기",
    shuffleHint: "누를 때마다 숫자 자리를 바꿔요. 어깨너머로 보기 어려워져요.",
    textSize: "글자 크기",
    textSizeHint: "휴대전화와 브라우저의 글자 크기를 그대로 따라요. 200%까지 키워도 모두 보여요.",
    install: "앱으로 설치",
    installHint: "브라우저 메뉴에서 ‘홈 화면에 추가’를 누르면 앱처럼 쓸 수 있어요.",
    storage: "저장 공간",
    storageKept: "지워지지 않게 보관 중이에요.",
    storageAsk: "지워지지 않게 보관하기",
    storageWeak: "브라우저가 지울 수 있는 상태예요.",
    sample: "이 은행은 연습용이에요. 진짜 돈이 오가지 않아요.",
  },

  unsupported: {
    title: "이 브라우저로는 쓸 수 없어요",
    lead: "인증서를 안전하게 지키는 기능이 이 브라우저에 없어요.",
    todo: "브라우저를 최신으로 올리거나 Chrome, Safari, Firefox, Samsung Internet의 최신 버전으로 열어 주세요. 비공개 창이라면 일반 창에서 열어 주세요.",
    missing: "없는 기능",
  },

  notFound: { title: "없는 화면이에요", lead: "주소를 다시 확인해 주세요." },

  problemCode: (code: string) => `오류 코드 ${code}`,
  triesLeft: (n: number) => `${n}번 더 시도할 수 있어요.`,
  lastTries: (n: number) => `${n}번만 더 틀리면 잠겨요. 천천히 눌러 주세요.`,
  limitIs: (amount: string) => `한도는 ${amount}이에요.`,
  leftToday: (amount: string) => `오늘은 ${amount} 더 보낼 수 있어요.`,
  noneLeft: "오늘은 더 보낼 수 없어요.",
  untilIs: (at: string) => `${at}까지예요.`,
  bytesMax: (megabytes: number) => `${megabytes}MB까지 보낼 수 있어요.`,
  pixelsMax: (pixels: string) => `${pixels}화소까지 보낼 수 있어요.`,
  retryIn: (minutes: number) => `${minutes}분 뒤에 다시 할 수 있어요.`,
  resendAt: (at: string) => `${at}부터 다시 할 수 있어요.`,
  weak: {
    too_short: "10자보다 짧아요.",
    too_long: "너무 길어요.",
    letters_digits_signs: "글자, 숫자, 기호를 모두 넣어 주세요.",
    contains_login_id: "아이디가 들어 있어요.",
    repeats: "같은 글자가 되풀이돼요.",
    common: "누구나 먼저 떠올리는 말이에요.",
    not_four_digits: "숫자 4자리여야 해요.",
    all_equal: "네 숫자가 모두 같아요.",
    run_of_four: "이어지는 숫자예요.",
    birth_date: "생일이에요.",
    phone_digits: "전화번호 끝자리예요.",
    type: "JPEG나 PNG 사진이 아니에요.",
    bytes: "파일이 너무 커요.",
    pixels: "사진의 화소가 너무 많아요.",
    broken: "사진이 깨져 있어 읽을 수 없어요.",
    scans: "너무 복잡하게 저장된 JPEG예요.",
    parts: "조각이 너무 많은 파일이에요.",
    glare: "빛이 반사되어 글자가 보이지 않아요.",
    blurred: "흐려서 읽을 수 없어요.",
    expired: "기한이 지난 신분증이에요.",
    mismatch: "본인의 것과 일치하지 않아요.",
    copy: "화면이나 사본을 찍은 사진이에요.",
    lost: "발급기관에서 확인되지 않거나 분실 신고된 신분증이에요.",
    not_live: "실제 얼굴이 아닌 것으로 보여요.",
    too_dark: "너무 어두워요.",
  } as Record<string, string>,
  problems: { ...koProblems, ...koOpeningProblems, ...koJointProblems },
};

export type Words = typeof ko;
