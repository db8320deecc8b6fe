// The scripts of every page.
import * as dialogs from "./dialogs.js";
import * as keys from "./keys.js";
import * as live from "./live.js";
import * as logs from "./logs.js";
import * as palette from "./palette.js";
import * as steps from "./steps.js";
import * as times from "./times.js";

dialogs.begin();
times.begin();
keys.begin();
palette.begin();
steps.begin();
logs.begin();
live.begin();
