/** The engagement dialect's way to write a lead's id. */
export { publicLeadId as wireLeadId } from "../../core/leads";
