/**
 * What several pages need, in one file: otherwise the build would split it into a dozen small ones, and a browser loads six at a time over
 * HTTP/1.1. For its effect on the build only: see components/page.
 */
import "./components/copy";
import "./components/data-table";
import "./components/dialog";
import "./components/form";
import "./components/plot";
import "./components/secret-dialog";
import "./components/states";
import "./components/views";
import "./load-live";
import "./load-pages";
