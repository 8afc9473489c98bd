const KIB = 1024;

/** "84 KB", "8.4 MB" */
export function sizeWords(bytes: number): string {
	if (bytes < KIB * KIB) return `${Math.max(1, Math.round(bytes / KIB))} KB`;
	const megabytes = bytes / KIB / KIB;
	return `${megabytes % 1 === 0 ? megabytes : megabytes.toFixed(1)} MB`;
}
