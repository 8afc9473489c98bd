/** The client library's menu. */
export type * from "./api.js";
export { browserPlatform, uuid } from "./browser.js";
export { createClient } from "./client.js";
export { createHttp, HttpError } from "./http.js";
export { openLists } from "./lists.js";
export { reach } from "./reach.js";
