/** The widget's own file, with its hash: put in by the build. */
declare const __HUBBUB_APP__: string;
