/** Conditional requests on a lead, and the core's errors about one in the words of this dialect. */
import { AliasTaken, EmailTaken } from "../../core/leads";
import { AppError } from "../../errors";
import { namesEtag } from "../etag";
import { wireLeadId } from "./adapter";

export const EtagHeader = {
  ETag: { description: "Version of the lead, for If-Match and If-None-Match", schema: { type: "string" as const } },
};

/** Read by hand: a schema for headers would gather and check all of them on every request. */
export const conditionHeader = (name: string, description: string) => ({
  in: "header" as const,
  name,
  description,
  schema: { type: "string" as const },
});

export const IF_MATCH = conditionHeader("If-Match", "Writes only while the lead has this ETag, else returns 412");
export const IF_NONE_MATCH = conditionHeader("If-None-Match", "Returns 304 when the lead still has this ETag");

/** The ETag of a lead that is shown with its score: the lead's own version, then what else the answer holds. */
export const shownEtag = (versionTag: string, digest: string): string => versionTag.replace(/"$/, `.${digest}"`);

const SHOWN = /("[0-9a-f]{32}\.\d+)\.[0-9a-f]+"/g;

/** Whether an If-Match header lets a write on this version through: the score in an ETag of `shownEtag` may have moved since. */
export const matchesVersion =
  (header: string | undefined) =>
  (versionTag: string): boolean =>
    header === undefined || namesEtag(header.replace(SHOWN, '$1"'), versionTag, "strong");

/** Runs a verb on a lead. A key of the profile is one of `field` here; the expected version came in If-Match. */
export async function inLeadWords<Result>(field: "attributes" | "metadata" | "", verb: () => Promise<Result>): Promise<Result> {
  try {
    return await verb();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error instanceof EmailTaken || error instanceof AliasTaken)
      throw new AppError(error.code, `${error.message}: ${wireLeadId(error.lead_id)}`);
    if (error.code === "precondition_failed")
      throw new AppError(error.code, "The lead has changed: its ETag is no longer the one in If-Match");
    const problems = error.problems.map(({ path, message }) => ({
      path: path.replace(/^(profile|metadata|metadata_patch)\./, field === "" ? "" : `${field}.`),
      message,
    }));
    throw new AppError(error.code, error.message, problems);
  }
}
