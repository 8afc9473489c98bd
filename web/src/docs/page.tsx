import { useEffect, useState } from "preact/hooks";
import { type ApiDocument, isFound, routesOf } from "./document.js";
import { OperationView } from "./operation.js";
import { Prose } from "./prose.js";

/** The id of a tag's heading. */
const idOf = (tag: string): string => `tag-${tag.toLowerCase().replaceAll(/\W+/g, "-")}`;

/** What stands behind the address's `#`. */
function useHash(): string {
	const [hash, setHash] = useState(location.hash.slice(1));
	useEffect(() => {
		const moved = (): void => setHash(location.hash.slice(1));
		addEventListener("hashchange", moved);
		return () => removeEventListener("hashchange", moved);
	}, []);
	return hash;
}

/** The whole document. */
export function Page({ document }: { readonly document: ApiDocument }) {
	const hash = useHash();
	const [query, setQuery] = useState("");
	const tags = document.tags
		.map((tag) => ({
			...tag,
			routes: routesOf(document, tag.name).filter((it) => isFound(it, query.trim())),
		}))
		.filter(({ routes }) => routes.length > 0);
	return (
		<div class="api">
			<nav aria-label="Routes">
				<label class="search">
					<span>Find a route</span>
					<input
						type="search"
						value={query}
						onInput={({ currentTarget }) => setQuery(currentTarget.value)}
						placeholder="sessions, post, login …"
						autocomplete="off"
					/>
				</label>
				<ul>
					{tags.map(({ name, routes }) => (
						<li key={name}>
							<a href={`#${idOf(name)}`}>{name}</a>
							<ul>
								{routes.map(({ method, operation }) => (
									<li key={operation.operationId}>
										<a href={`#${operation.operationId}`}>
											<span class={`method ${method}`}>{method.toUpperCase()}</span>
											<span>{operation.summary}</span>
										</a>
									</li>
								))}
							</ul>
						</li>
					))}
				</ul>
			</nav>
			<main>
				<header>
					<h1>{document.info.title} API</h1>
					<p class="lead">{document.info.summary}</p>
					<p>
						The same for programs: <a href="/api/openapi.json">openapi.json</a>, OpenAPI {document.openapi}.
					</p>
					{/* Whoever searches wants what is found. */}
					{query.trim() === "" && <Prose text={document.info.description} />}
				</header>
				{tags.map(({ name, description, routes }) => (
					<section key={name} aria-labelledby={idOf(name)}>
						<h2 id={idOf(name)}>{name}</h2>
						<Prose text={description} />
						{routes.map((route) => {
							const { operationId } = route.operation;
							return (
								<OperationView
									key={operationId}
									document={document}
									route={route}
									wanted={operationId === hash}
								/>
							);
						})}
					</section>
				))}
				<p role="status">{tags.length === 0 ? "No route has these words." : ""}</p>
			</main>
		</div>
	);
}
