/** Settings: one part at a time, each with an address of its own. */
import type { ComponentType } from "preact";
import { LinkButton } from "../../components/button";
import { Page } from "../../components/page";
import { EmptyState } from "../../components/states";
import { shownUnit } from "../../unit";
import type { PageProps } from "..";
import { BlockedValues } from "./blocked";
import { Channels } from "./channels";
import { Credentials } from "./credentials";
import { Fields } from "./fields";
import { Grants } from "./grants";
import { Identity } from "./identity";
import type { Part } from "./list";
import { PartLinks } from "./part-links";
import { Sessions } from "./sessions";
import { Sources } from "./sources";
import { Tokens } from "./tokens";
import { Units } from "./units";
import { WriteKeys } from "./write-keys";

const You = () => (
  <>
    <Sessions />
    <Tokens />
    <Grants />
  </>
);

const VIEWS: Readonly<Record<Part, ComponentType>> = {
  "": You,
  units: Units,
  credentials: Credentials,
  "write-keys": WriteKeys,
  channels: Channels,
  sources: Sources,
  fields: Fields,
  blocked: BlockedValues,
  identity: Identity,
};

export function SettingsPage({ params: { part = "" } }: PageProps) {
  const View = Object.hasOwn(VIEWS, part) ? VIEWS[part as Part] : null;
  return (
    <Page title="Settings">
      <PartLinks current={part} />
      {View ? (
        // of one org unit: what another one has is never shown, not even for a moment
        <View key={`${part} ${shownUnit.value}`} />
      ) : (
        <EmptyState title="There are no such settings" action={<LinkButton to="/settings">Go to the settings</LinkButton>}>
          The address may be mistyped, or from another version.
        </EmptyState>
      )}
    </Page>
  );
}
