import type { Fields } from "../wire.ts";

/** The shapes of docs/how/joint.md. Instants are microseconds, bytes base64url. */
export type Op = "issue" | "renew" | "reissue" | "revoke" | "register";
export type MakingOp = Exclude<Op, "revoke" | "register">;

export type JointCertificate = {
  readonly id: string;
  /** Decimal. */
  readonly serial: string;
  readonly common_name: string;
  readonly subject: string;
  readonly folder: string;
  readonly policy: string;
  readonly state: "active" | "expired" | "revoked";
  readonly not_before: number;
  readonly not_after: number;
  readonly renewable_from: number;
  readonly may_renew: boolean;
  readonly revoked_at: number | null;
  readonly reason: string | null;
  readonly der: string;
};

export type JointBook = {
  readonly issuer: {
    readonly kind: "local" | "external_cmp";
    readonly name: string;
    readonly folder: string;
    readonly notice: string;
    readonly policy: string;
  };
  readonly encryption: { readonly spki: string };
  readonly rules: { readonly years: number; readonly renew_days: number };
  readonly may_issue: boolean;
  readonly certificates: readonly JointCertificate[];
};

export type JointRequest = {
  readonly id: string;
  readonly op: string;
  readonly expires_at: number;
  readonly request: { readonly request_id: string; readonly fields: Fields } | null;
};

/** 참조번호 and 인가코드 for a CMP client, and where it finds the CA. */
export type RegistrationAnswer = {
  readonly reference: string;
  readonly code: string;
  readonly expires_at: number;
  readonly url: string;
};
