# SPDX-License-Identifier: MIT
# Takes a documented item's comment apart: summary, description, results, errors, release, sources.

# The comment's lines from one on, joined, as far as the paragraph goes: to an
# empty line, or to what begins with a keyword. Sets after to the line behind.
function joined(i, from,    text, line)
{
	text = doc[i, from]
	for (after = from + 1; after <= docs[i]; after++) {
		line = doc[i, after]
		if (line ~ /^(@[A-Za-z_0-9]+:|Returns: |Since: )|^$/)
			break
		sub(/^[ \t]+/, "", line)
		text = text " " line
	}
	return text
}

# "@name: text", as a tagged paragraph.
function item_of(text,    at)
{
	at = index(text, ":")
	tag = substr(text, 2, at - 2)
	text = substr(text, at + 1)
	sub(/^[ \t]+/, "", text)
	documented[tag] = 1
	return tagged(font(escaped(tag), tag ~ /^LEND_/ ? "B" : "I"),
		      sentence(text))
}

# What a list of errors ends with, "or another -errno, …" or "or as lend_x()",
# is a paragraph.
function error_text(text,    at, rest)
{
	if (!match(text, /[;,] ((or|and) )?((another|an) )?-errno/) &&
	    !match(text, /[;,] (or|and) as lend_/))
		return markup(sentence(text)) "\n"
	at = RSTART
	rest = substr(text, at + 2)
	sub(/^(or|and) /, "", rest)
	return markup(sentence(substr(text, 1, at - 1))) "\n" \
		paragraph(sentence(rest))
}

# Parts "0, or -EINVAL, LEND_ERROR_ARGUMENT: …; -ENOENT: …" into what is
# returned after a success, and a tagged paragraph for each error.
function results_of(text,    before, tag, spec, next_tag)
{
	spec = "(^|[;,.] |[;,.] (or|and) )-E[A-Z0-9]+( or -E[A-Z0-9]+)*" \
		"(,( or)? (another -errno|LEND_ERROR_[A-Z_]+" \
		"( or LEND_ERROR_[A-Z_]+)*))*( without a record)?: "
	returns = errors = ""
	tag = ""
	while (match(text, spec)) {
		before = substr(text, 1, RSTART - 1)
		next_tag = substr(text, RSTART, RLENGTH - 2)
		text = substr(text, RSTART + RLENGTH)
		if (tag == "")
			returns = before
		else
			errors = errors ".TP\n" tag "\n" error_text(before)
		sub(/^[^-]*/, "", next_tag)
		tag = markup(next_tag)
	}
	if (tag == "") {
		returns = text
		return
	}
	errors = errors ".TP\n" tag "\n" error_text(text)
	sub(/[,;]? *(or|and)?$/, "", returns)
}

# "Since: 0.1. Source: …"
function release_of(text,    at)
{
	sub(/^Since: */, "", text)
	at = index(text, " Source:")
	source = ""
	if (at) {
		source = substr(text, at + 8)
		sub(/^ */, "", source)
		text = substr(text, 1, at - 1)
	}
	sub(/\.? *$/, "", text)
	since = text
}

# What a comment begins with, after the name; sets after to the line behind.
function summary_of(i,    text)
{
	text = joined(i, 1)
	sub(/^[^-]* - */, "", text)
	return text
}

# Sets summary, description, list and errors (roff), returns, since and source.
function comment_of(i,    line, text)
{
	split("", documented)
	summary = summary_of(i)
	description = list = returns = errors = since = source = ""
	while (after <= docs[i]) {
		line = doc[i, after]
		if (line == "") {
			after++
			continue
		}
		text = joined(i, after)
		if (line ~ /^@[A-Za-z_0-9]+:/)
			list = list item_of(text)
		else if (sub(/^Returns: /, "", text))
			results_of(text)
		else if (text ~ /^Since: /)
			release_of(text)
		else
			description = description paragraph(text)
	}
}
