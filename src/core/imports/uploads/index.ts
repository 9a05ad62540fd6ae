export { completeUpload } from "./complete-upload";
export { removeExpiredUploads } from "./sweep";
export { abortUpload, createUpload, putPart, requireUpload, UploadInput, type UploadState } from "./uploads";
