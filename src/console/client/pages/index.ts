/**
 * Every page of both parts of the console: its address, its title, and its code, which is loaded when the page is first opened. Pages with an
 * icon are in the navigation, in this order.
 */
import type { ComponentType } from "preact";
import { inOperatorArea } from "../area";
import type { IconName } from "../components/icon";
import { PARTS, pathOf } from "./settings/list";

export type PageProps = { params: Readonly<Record<string, string>> };
export type PageEntry = { path: string; title: string; icon?: IconName; load: () => Promise<ComponentType<PageProps>> };

const unitPages: readonly PageEntry[] = [
  { path: "/overview", title: "Overview", icon: "overview", load: () => import("./overview").then(({ OverviewPage }) => OverviewPage) },
  { path: "/leads", title: "Leads", icon: "leads", load: () => import("./leads").then(({ LeadsPage }) => LeadsPage) },
  { path: "/erasures/:receipt", title: "An erasure", load: () => import("./lead/erase").then(({ ErasurePage }) => ErasurePage) },
  { path: "/leads/:id", title: "Lead", load: () => import("./lead").then(({ LeadPage }) => LeadPage) },
  {
    path: "/conflicts",
    title: "Conflicts",
    icon: "conflicts",
    load: () => import("./conflicts").then(({ ConflictsPage }) => ConflictsPage),
  },
  { path: "/import", title: "Import", icon: "import", load: () => import("./import").then(({ ImportPage }) => ImportPage) },
  { path: "/import/files/:file", title: "Import a file", load: () => import("./import/file").then(({ FilePage }) => FilePage) },
  { path: "/import/plans/:plan", title: "Plan of an import", load: () => import("./import/plan").then(({ PlanPage }) => PlanPage) },
  { path: "/import/jobs/:job", title: "An import", load: () => import("./import/job").then(({ JobPage }) => JobPage) },
  { path: "/live", title: "Live", icon: "live", load: () => import("./live").then(({ LivePage }) => LivePage) },
  { path: "/scoring", title: "Scoring", icon: "scoring", load: () => import("./scoring").then(({ ScoringPage }) => ScoringPage) },
  { path: "/scoring/rules/:id", title: "A rule", load: () => import("./scoring/rule").then(({ RulePage }) => RulePage) },
  {
    path: "/scoring/profile-rules/:id",
    title: "A profile rule",
    load: () => import("./scoring/profile-rule").then(({ ProfileRulePage }) => ProfileRulePage),
  },
  { path: "/triggers", title: "Triggers", icon: "bell", load: () => import("./triggers").then(({ TriggersPage }) => TriggersPage) },
  { path: "/triggers/:kind/:id", title: "A trigger", load: () => import("./triggers/trigger").then(({ TriggerPage }) => TriggerPage) },
  { path: "/settings", title: "Settings", icon: "settings", load: () => import("./settings").then(({ SettingsPage }) => SettingsPage) },
  { path: "/settings/:part", title: "Settings", load: () => import("./settings").then(({ SettingsPage }) => SettingsPage) },
  {
    path: "/settings/sources/:source",
    title: "Inbound source",
    load: () => import("./settings/source").then(({ SourcePage }) => SourcePage),
  },
  { path: "/authorize", title: "Let a program in", load: () => import("./authorize").then(({ AuthorizePage }) => AuthorizePage) },
];

const operatorPages: readonly PageEntry[] = [
  {
    path: "/operator/organizations",
    title: "Organizations",
    icon: "leads",
    load: () => import("./operator").then(({ OrganizationsPage }) => OrganizationsPage),
  },
  {
    path: "/operator/organizations/:organization",
    title: "Organization",
    load: () => import("./operator/organization").then(({ OrganizationPage }) => OrganizationPage),
  },
  {
    path: "/operator/channels",
    title: "Partner channels",
    icon: "link",
    load: () => import("./operator/channels").then(({ ChannelsPage }) => ChannelsPage),
  },
  {
    path: "/operator/channels/:channel",
    title: "Partner channel",
    load: () => import("./operator/channel").then(({ ChannelPage }) => ChannelPage),
  },
  {
    path: "/operator/health",
    title: "Health",
    icon: "live",
    load: () => import("./operator/health").then(({ HealthPage }) => HealthPage),
  },
  {
    path: "/operator/audit",
    title: "Audit log",
    icon: "overview",
    load: () => import("./operator/audit").then(({ AuditPage }) => AuditPage),
  },
  {
    path: "/operator/sessions",
    title: "Sessions",
    icon: "settings",
    load: () => import("./operator/sessions").then(({ SessionsPage }) => SessionsPage),
  },
];

export const pages = inOperatorArea ? operatorPages : unitPages;

/** Where the palette leads: every page whose address needs no id, and the parts of the settings. */
export const places: readonly Pick<PageEntry, "path" | "title" | "icon">[] = [
  ...pages.filter(({ path }) => !path.includes(":")),
  ...(inOperatorArea
    ? []
    : [
        { path: "/conflicts?show=duplicates", title: "Likely duplicates", icon: "conflicts" as const },
        ...PARTS.filter(({ part }) => part !== "").map(partPlace),
      ]),
];

function partPlace({ part, title }: (typeof PARTS)[number]): Pick<PageEntry, "path" | "title"> {
  return { path: pathOf(part), title: `Settings, ${title}` };
}
