export { insertJournalOfDeletion, selectDeletedLead, selectDeletedRelations, selectDeletedWith } from "./deleted-store";
export { KEPT_REASONS } from "./entry";
export { erasesOf } from "./erases";
export { countJournalRows, type JournalChunk, type JournalledChange, type JournalledLeads, journalWrites } from "./journal";
export { dryRunUndo, type KeptField, listKept, readUndo, requestUndo, type Undo, type Undoable, undoStatements } from "./request-undo";
export { runUndo } from "./run-undo";
export { findStuckUndos, removeOldJournal } from "./sweep";
