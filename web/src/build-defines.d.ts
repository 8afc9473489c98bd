/** The widget's own file, with its hash: put in by the build. */
declare const __HUBBUB_APP__: string;
/** What it needs for files on their way. */
declare const __HUBBUB_TRAY__: string;
