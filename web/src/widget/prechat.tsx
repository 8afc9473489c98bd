import { useRef, useState } from "preact/hooks";
import { HttpError } from "../client/http.js";
import { LIMITS, type PrechatName, type StartSession } from "../protocol/types.js";
import { type Country, checkPhone, likelyCountry, splitInternational } from "./countries.js";
import { Field } from "./field.js";
import type { Model } from "./model.js";
import { useObservable } from "./observe.js";
import { PhoneField } from "./phone-field.js";
import { backLabel } from "./times.js";
import { type FormErrors, type FormValues, problemOf } from "./validate.js";
import { words } from "./words.js";

const ORDER: readonly PrechatName[] = ["name", "phone", "email", "message"];

export function Prechat({ model, gone }: { model: Model; gone: boolean }) {
	const { config, platform } = model;
	const desk = useObservable(model.desk);
	const fields = config.prechat.filter((field) => ORDER.includes(field.name));
	const [values, setValues] = useState<FormValues>({ name: "", phone: "", email: "", message: "" });
	const [country, setCountry] = useState<Country>(() => likelyCountry(navigator.languages));
	const [errors, setErrors] = useState<FormErrors>({});
	const [failure, setFailure] = useState<string | null>(null);
	const [busy, setBusy] = useState(false);
	const form = useRef<HTMLFormElement>(null);
	// One start, however often it is tried: the server answers the same id with the same chat.
	const id = useRef(platform.uuid());

	const required = (name: PrechatName): boolean =>
		fields.find((field) => field.name === name)?.required === true;
	const check = (name: PrechatName): string | null => problemOf(name, values[name], required(name), country);

	const write = (name: PrechatName, value: string): void => {
		setValues((before) => ({ ...before, [name]: value }));
		// What was wrong is not called wrong while it is being mended.
		if (errors[name] !== undefined) setErrors(({ [name]: _, ...others }) => others);
	};
	const writePhone = (value: string): void => {
		const split = /^\s*(\+|00)/.test(value) && value.length > 6 ? splitInternational(value, country) : null;
		if (split !== null && split.rest.length > 3) {
			setCountry(split.country);
			write("phone", split.rest);
		} else write("phone", value);
	};
	const left = (name: PrechatName): void => {
		const problem = values[name].trim() === "" ? null : check(name);
		if (problem !== null) setErrors((before) => ({ ...before, [name]: problem }));
	};
	const show = (found: FormErrors): void => {
		setErrors(found);
		const first = fields.find((field) => found[field.name] !== undefined);
		if (first !== undefined) form.current?.querySelector<HTMLElement>(`[name="${first.name}"]`)?.focus();
	};

	const submit = async (): Promise<void> => {
		if (busy) return;
		setFailure(null);
		const found: FormErrors = {};
		for (const { name } of fields) {
			const problem = check(name);
			if (problem !== null) found[name] = problem;
		}
		show(found);
		if (Object.keys(found).length > 0) return;
		setBusy(true);
		try {
			await model.start(startOf(id.current, values, country));
		} catch (error) {
			setBusy(false);
			const refused = error instanceof HttpError ? refusedFields(error) : {};
			show(refused);
			if (Object.keys(refused).length === 0) setFailure(failureOf(error));
			else id.current = platform.uuid();
		}
	};

	return (
		<form
			ref={form}
			class="form"
			noValidate
			onSubmit={(event) => {
				event.preventDefault();
				void submit();
			}}
		>
			<div class="form-scroll">
				<h3 class="form-title" dir="auto">
					{config.greeting}
				</h3>
				{gone && <p class="form-lead">{words.chatGone}</p>}
				{!desk.open && <p class="form-lead">{awayLead(desk.opensAt, platform.now())}</p>}
				{desk.open && required("phone") && <p class="form-lead">{words.phoneWhy}</p>}
				{fields.map(({ name, required: needed }, i) => {
					const common = {
						name,
						label: words[name],
						optional: !needed,
						error: errors[name],
						value: values[name],
						first: i === 0,
						onLeave: () => left(name),
					};
					return name === "phone" ? (
						<PhoneField
							key={name}
							{...common}
							country={country}
							onCountry={setCountry}
							onWrite={writePhone}
						/>
					) : (
						<Field key={name} {...common} onWrite={(value) => write(name, value)} maxLength={limitOf(name)} />
					);
				})}
			</div>
			<div class="form-action">
				{failure !== null && (
					<p class="form-failure" role="alert">
						{failure}
					</p>
				)}
				<button type="submit" class="main-button" aria-busy={busy}>
					{busy && <span class="spinner" aria-hidden="true" />}
					{busy ? words.starting : words.start}
				</button>
			</div>
		</form>
	);

	function limitOf(name: PrechatName): number {
		return name === "message"
			? config.message_chars
			: name === "email"
				? LIMITS.emailChars
				: LIMITS.nameChars;
	}
}

function awayLead(opensAt: number | null, now: number): string {
	return opensAt === null ? words.deskEmptyLong : words.leaveMessage(backLabel(opensAt, now));
}

function startOf(id: string, values: FormValues, country: Country): StartSession {
	const phone = checkPhone(values.phone, country);
	const text = (value: string): string | undefined => (value.trim() === "" ? undefined : value.trim());
	const start: Record<string, unknown> = {
		id,
		name: text(values.name),
		phone: phone.ok ? phone.e164 : undefined,
		email: text(values.email),
		message: text(values.message),
		locale: navigator.language,
		page: { url: location.href, title: document.title, referrer: text(document.referrer) },
	};
	return start as StartSession;
}

function refusedFields(error: HttpError): FormErrors {
	const found: FormErrors = {};
	for (const { field, message } of error.errors) {
		const name = ORDER.find((one) => one === field);
		if (name !== undefined) found[name] = message;
	}
	return found;
}

function failureOf(error: unknown): string {
	if (!(error instanceof HttpError)) return words.startFailed;
	if (error.status === 429) return words.tooFast(Math.ceil((error.retryAfterMs ?? 10_000) / 1000));
	// Our own refusals say what to do; of what a proxy says, nothing can be said.
	return error.code === null || error.retryable ? words.startFailed : error.message;
}
