import { z } from "zod";

export const ReceiptId = z.string().regex(/^era_[0-9a-f]{32}$/, "must be the id of a receipt");
