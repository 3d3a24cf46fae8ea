import type { Canonical } from "../crypto/jcs.ts";

/** The shapes of docs/how/contract.md, part 1. Instants are microseconds, amounts won. */
export type Both = { readonly ko: string; readonly en: string };

export type Tier = {
  readonly name: string;
  readonly up_to: number;
  readonly needs: readonly string[];
};

export type BankInfo = {
  readonly origin: string;
  readonly bank_code: string;
  readonly bank_name: Both;
  readonly demo: boolean;
  readonly hotline: string;
  readonly server_time: number;
  readonly tiers: readonly Tier[];
  readonly sms_code: {
    readonly digits: number;
    readonly seconds: number;
    readonly resend_after_seconds: number;
  };
  readonly ars: { readonly seconds: number };
  readonly carriers: readonly { readonly code: string; readonly name: string | Both }[];
  readonly banks: readonly { readonly code: string; readonly name: Both }[];
};

export type Term = {
  readonly code: string;
  readonly version: string | number;
  readonly required: boolean;
  readonly title: Both;
  readonly text: Both;
};

export type EnrolmentState = {
  readonly id: string;
  readonly step: string;
  readonly kind: "unknown" | "issue" | "reissue";
  readonly person: "unknown" | "existing" | "first_time";
  readonly expires_at: number;
  readonly prefilled: null | {
    readonly name: string;
    readonly carrier: string;
    readonly phone: string;
  };
  readonly sms: null | {
    readonly expires_at: number;
    readonly resend_at: number;
    readonly phone: string;
    readonly tries_left: number;
  };
  readonly accounts: readonly {
    readonly id: string;
    readonly number: string;
    readonly name: string;
  }[];
  readonly pin_rules: null | { readonly birth_date: string; readonly phone: string };
  readonly keys: readonly { readonly kind: string; readonly kid: string; readonly state: string }[];
  readonly credential_id: string | null;
};

export type OpeningState = {
  readonly id: string;
  readonly goal: "account" | "unlock_password" | "release_loss" | "identify";
  readonly step: string;
  readonly expires_at: number;
  readonly sms: EnrolmentState["sms"];
  readonly checks: readonly { readonly any_of: readonly string[]; readonly done: string | null }[];
  readonly asked: readonly string[];
  readonly tries: { readonly id_card: number; readonly face: number };
  readonly one_won: null | {
    readonly bank: string;
    readonly account: string;
    readonly expires_at: number;
    readonly tries_left: number;
  };
  readonly accounts: EnrolmentState["accounts"];
  readonly password_rules: null | { readonly birth_date: string; readonly phone: string };
  readonly upload: { readonly bytes_max: number; readonly pixels_max: number };
  readonly account: null | {
    readonly id: string;
    readonly number: string;
    readonly name: string;
    readonly day_cap: number | null;
  };
};

export type Opened = {
  readonly token: string;
  readonly session: { readonly id: string; readonly method: string };
  readonly customer: { readonly name: string };
};

export type Passkey = {
  readonly id: string;
  readonly name: string;
  readonly created_at: number;
  readonly last_used_at: number | null;
};

export type Certificate = {
  readonly id: string;
  readonly subject_id: string;
  readonly state: string;
  readonly issued_at: number;
  readonly last_used_at: number | null;
  readonly dormant_at: number | null;
  readonly certificates: readonly {
    readonly kind: string;
    readonly serial: string;
    readonly fingerprint: string;
    readonly der: string;
  }[];
  readonly keys: readonly {
    readonly kind: string;
    readonly kid: string;
    readonly methods: readonly {
      readonly m: string;
      readonly version: number;
      readonly tries_left: number;
      readonly enabled: boolean;
    }[];
  }[];
  readonly passkeys: readonly Passkey[];
};

export type Me = {
  readonly name: string;
  readonly phone: string;
  readonly credential: Certificate | null;
  readonly limits: { readonly per_transfer: number; readonly per_day: number };
};

export type Use = {
  readonly idx: number;
  readonly at: number;
  readonly kind: string;
  readonly what: Readonly<Record<string, unknown>>;
};

export type Account = {
  readonly id: string;
  readonly number: string;
  readonly name: string;
  readonly kind: string;
  readonly balance: number;
  readonly available: number;
  readonly held: number;
  /** What a limited account may send a day, and what of it is left today; null for all others. */
  readonly day_cap: number | null;
  readonly day_left: number | null;
};

export type Entry = {
  readonly version: number;
  readonly at: number;
  readonly amount: number;
  readonly balance_after: number;
  readonly counterparty: string | null;
  readonly memo: string;
  readonly transfer_id: string | null;
  /** Sent by one's own signature: the transfer under that id has a receipt. */
  readonly receipt: boolean;
};

export type Limits = {
  readonly per_transfer: number;
  readonly per_day: number;
  /** The bank's own, above which nobody goes. */
  readonly most: { readonly per_transfer: number; readonly per_day: number };
  /** Whether this session may raise them now. */
  readonly identified: boolean;
  readonly used_today: number;
  readonly left_today: number;
  readonly next_reset_at: number;
  readonly tiers: readonly {
    readonly name: string;
    readonly from: number;
    readonly up_to: number;
    readonly needs: readonly string[];
    readonly open: boolean;
    readonly why_closed: string | null;
  }[];
  readonly policy_version: number;
  readonly reasons: readonly ({ readonly code: string } & Readonly<Record<string, unknown>>)[];
  readonly unregistered: Unregistered | null;
};

export type Payee = { readonly bank: string; readonly account: string; readonly holder: string };

export type Fields = { readonly [name: string]: Canonical };

export type Receipt = {
  readonly payload: string;
  readonly signature: string;
  readonly certificate: string;
};

/** Before the signature the instants are as if it were signed now. */
export type Hold = {
  readonly why: string;
  readonly seconds: number;
  readonly due_at: number;
  readonly cancellable_until: number;
  readonly ended: string | null;
};

export type Setting = {
  readonly value: number;
  readonly later: number | null;
  readonly later_at: number | null;
};

export type SafeguardName =
  "designated_only" | "delay_hours" | "delay_spares_designated" | "undo" | "sms_hold";

export type Safeguards = Readonly<Record<SafeguardName, Setting>> & {
  readonly rules: {
    readonly delay_hours_min: number;
    readonly delay_hours_max: number;
    readonly delay_off_hours: number;
    readonly cancel_before_minutes: number;
    readonly undo_seconds: number;
    readonly unregistered_per_day: number;
    readonly designated_wait_hours: number;
    readonly designated_off_hours: number;
    readonly sms_hold_minutes: number;
    readonly sms_hold_wait_hours: number;
    readonly second_device_wait_hours: number;
  };
  readonly unregistered: Unregistered | null;
  /** Whether this session may weaken a protection now. */
  readonly identified: boolean;
};

/** A passkey on another device, in the call's place from `effective_at` on. */
export type SecondDevice = {
  readonly id: string;
  readonly name: string;
  readonly created_at: number;
  readonly effective_at: number;
  readonly last_used_at: number | null;
};

export type SecondDevices = { readonly devices: readonly SecondDevice[] };

/** What payees that are not designated may get on this day. */
export type Unregistered = {
  readonly limit: number;
  readonly used_today: number;
  readonly left_today: number;
};

export type DesignatedPayee = Payee & {
  readonly id: string;
  readonly added_at: number;
  readonly effective_at: number;
};

export type Order = {
  readonly id: string;
  readonly state:
    "waiting" | "authorised" | "pending" | "posted" | "rejected" | "expired" | "cancelled";
  readonly tier: string;
  readonly needed: readonly string[];
  readonly done: readonly string[];
  readonly amount: number;
  readonly fee: number;
  readonly payee_holder: string;
  readonly expires_at: number;
  readonly request: { readonly request_id: string; readonly fields: Fields };
  readonly ars: null | {
    readonly call_id: string;
    readonly number: string;
    readonly rings_until: number;
    readonly tries_left: number;
    readonly state: string;
  };
  readonly sms: null | {
    readonly expires_at: number;
    readonly resend_at: number;
    readonly tries_left: number;
  };
  readonly hold: null | Hold;
  readonly outcome:
    | null
    | {
        readonly status: "posted";
        readonly at: number;
        readonly balance_after: number;
        readonly log_idx: number;
        readonly receipt: Receipt;
      }
    | {
        readonly status: "rejected";
        readonly problem: { readonly code: string } & Readonly<Record<string, unknown>>;
      };
};

export type Asked = { readonly request_id: string; readonly fields: Fields };

export type SessionRow = {
  readonly id: string;
  readonly method: string;
  readonly created_at: number;
  readonly last_used_at: number;
  readonly current: boolean;
};
