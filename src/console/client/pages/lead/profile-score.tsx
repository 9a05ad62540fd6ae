/** How well the lead fits: the points of each ruleset on profiles that has given any. */
import { formatDecimal, formatSigned } from "../../format";
import { hrefOf } from "../../router";
import type { Lead } from ".";

export const ProfileScore = ({ lead: { profile_score } }: { lead: Lead }) =>
  profile_score.rulesets.length === 0 && profile_score.level === null ? null : (
    <section class="card" aria-labelledby="profile-score">
      <h2 id="profile-score">
        Profile score: {formatDecimal(profile_score.score)}
        {profile_score.level && `, ${profile_score.level.name}`}
      </h2>
      <ul class="list" aria-label="Points by ruleset">
        {profile_score.rulesets.map(({ ruleset_id, name, points }) => (
          <li key={ruleset_id}>
            <a href={hrefOf("/scoring?show=profile")}>{name}</a>
            <span>{formatSigned(points)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
