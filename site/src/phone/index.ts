/** The phone's half of `dojang/1`. Load it lazily: it brings the curve arithmetic along. */
export { changeSecret } from "./changeSecret.ts";
export { deviceKey } from "./deviceKey.ts";
export { enrolKey } from "./enrolKey.ts";
export { finishEnrolment } from "./finishEnrolment.ts";
export { indexedDbStore } from "./indexedDbStore.ts";
export { messages } from "../crypto/messages.ts";
export { persisted } from "./persisted.ts";
export { sign } from "./sign.ts";
export { transport } from "./transport.ts";
