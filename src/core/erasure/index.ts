export { deleteLead } from "./delete-lead";
