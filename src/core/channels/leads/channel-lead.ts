/** A lead as its channel shows it, by the API and by webhook . Pure. */

import { dashed } from "../../../ids";
import { isoTime } from "../../../time";
import type { Lead } from "../../leads";
import type { Channel, ChannelStatus } from "../channel";
import { type PropertyValues, propertyValueId } from "./properties";
import { type StandardFields, standardFields } from "./standard-fields";

/** The channel's own data about a lead. */
export type ChannelState = { status_id: string; properties: PropertyValues; legacy_id: number | null };
export type ChannelLead = { lead: Lead; channel: Channel; state: ChannelState };

export type PropertyValue = {
  id: string;
  value: string;
  property_definitions_id: string;
  property_definitions: { id: string; name: string; type: string };
};

export type WholeLead = { id: string } & StandardFields & {
    channels_id: string;
    lead_status_id: string;
    lead_status: { id: string; status: string | null };
    status: string | null;
    created_at: string;
    property_values: PropertyValue[];
  };

export const statusOf = ({ channel, state }: ChannelLead): ChannelStatus | undefined =>
  channel.statuses.find(({ id }) => id === state.status_id);

/** Everything; the values in the order of their definitions. */
export function wholeLead(of: ChannelLead): WholeLead {
  const { lead, channel, state } = of;
  const status = statusOf(of)?.status ?? null;
  return {
    id: dashed(lead.lead_id),
    ...standardFields(lead),
    channels_id: channel.channel_id,
    lead_status_id: state.status_id,
    lead_status: { id: state.status_id, status },
    status,
    created_at: isoTime(lead.created_at),
    property_values: propertyValues(of),
  };
}

function propertyValues({ lead, channel, state }: ChannelLead): PropertyValue[] {
  return channel.definitions.flatMap(({ id, name, type }) => {
    const value = state.properties[id];
    if (value === undefined) return [];
    return [{ id: propertyValueId(lead.lead_id, id), value, property_definitions_id: id, property_definitions: { id, name, type } }];
  });
}

/**
 * With the values as keys of their own, named as their definitions are. An active definition without a value is null, so all leads of a
 * channel have the same keys; a definition named like a field of the lead does not hide the field.
 */
export function flatLead(of: ChannelLead): Record<string, string | null> {
  const { lead, channel, state } = of;
  const shown = new Map<string, string | null>(
    Object.entries({
      id: dashed(lead.lead_id),
      ...standardFields(lead),
      created_at: isoTime(lead.created_at),
      status: statusOf(of)?.status ?? null,
    }),
  );
  for (const { id, name, active } of channel.definitions) {
    const value = state.properties[id];
    if (!shown.has(name) && (active || value !== undefined)) shown.set(name, value ?? null);
  }
  return Object.fromEntries(shown);
}
