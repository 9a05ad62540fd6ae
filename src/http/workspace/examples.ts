/** What the API's description shows of this dialect. */
export const CREATE_EXAMPLE = {
  name: "John Doe",
  email: "john.doe@example.com",
  phone: "+1-555-123-4567",
  source: "website",
  metadata: { company: "Tech Corp", interests: ["enterprise_solution"] },
};

export const UPDATE_EXAMPLE = { status: "contacted", metadata: { notes: "Follow up scheduled for next week" } };

const LISTED = {
  id: "lead_0193f3a2c7b07aa18000c0ffee123456",
  ...CREATE_EXAMPLE,
  status: "new",
  createdAt: "2026-01-15T10:30:00.000Z",
  updatedAt: "2026-01-15T10:30:00.000Z",
};

export const LEAD_EXAMPLE = { success: true, data: { ...LISTED, workspaceId: "ws_0193f3a2c7b07aa18000c0ffee123456" } };

export const LIST_EXAMPLE = {
  success: true,
  data: { leads: [LISTED], pagination: { page: 1, limit: 10, total: 25, totalPages: 3, hasNext: true, hasPrev: false } },
};

export const DELETED_EXAMPLE = {
  success: true,
  message: "Lead deleted successfully",
  data: { id: LISTED.id, deletedAt: "2026-01-16T14:30:00.000Z" },
};
