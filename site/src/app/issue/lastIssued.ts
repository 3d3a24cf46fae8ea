import type { Issued } from "../../phone/finishEnrolment.ts";
import { cell } from "../state/cell.ts";

/** What was issued just now, for the screen that says so. */
export const lastIssued = cell<Issued | null>(null);
