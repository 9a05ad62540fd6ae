/** The authorization server (OAuth 2.1) and what its clients read about it. */
import { authorize } from "./authorize";
import { keySet } from "./key-set";
import { protectedResources } from "./protected-resources";
import { register } from "./register";
import { serverMetadata } from "./server-metadata";
import { token } from "./token";

export const oauth = [token, authorize, register, keySet, serverMetadata, protectedResources];
