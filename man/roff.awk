# SPDX-License-Identifier: MIT
# Turns the text of a header's comments into roff.
#
# Needs: kind_of[NAME], "function" or "type" for what has a page of its own,
# and self, the name that the page is about.

function font(word, letter)
{
	return "\\f" letter word "\\fP"
}

function escaped(text)
{
	gsub(/\\/, "\\e", text)
	gsub(/-/, "\\-", text)
	return text
}

# A line of text that begins with a dot or a quote is no request.
function guard(text)
{
	return text ~ /^[.']/ ? "\\&" text : text
}

# A function, with the section of its page unless this is its page.
function function_reference(name)
{
	if (name == self || name !~ /^lend_/)
		return font(escaped(name), "B") "()"
	return font(name, "B") "(3)"
}

function type_reference(word,    name)
{
	name = word
	sub(/^.* /, "", name)
	sub(/ .*$/, "", word)
	if (name == self_type || kind_of["type " name] == "")
		return font(word " " name, "I")
	return word " " font(name, "B") "(3type)"
}

# One word that the text marks, or that is a name by its form.
function marked(word)
{
	if (word ~ /^@/)
		return font(escaped(substr(word, 2)), "I")
	if (word ~ /^`/)
		return font(escaped(substr(word, 2, length(word) - 2)), "B")
	if (word ~ /\(\)$/)
		return function_reference(substr(word, 1, length(word) - 2))
	if (word ~ /^(struct|enum|union) /)
		return type_reference(word)
	if (word ~ /^(\/|Documentation|linux)/)
		return font(escaped(word), "I")
	return font(escaped(word), "B")
}

# roff for a piece of text: names in their fonts, nothing of it a request.
function markup(text,    result, word, before, tail, names)
{
	names = "@[a-z_0-9]+(->[a-z_0-9]+)?|`[^`]+`" \
		"|(struct|enum|union) lend_[a-z0-9_]+" \
		"|(LEND|VFIO|IOMMU|KVM|RLIMIT|CAP)_[A-Z0-9_*]+|-E[A-Z0-9]+" \
		"|[a-z_][a-z0-9_]*\\(\\)" \
		"|(/(dev|sys|proc|run|etc)|Documentation|linux)/[A-Za-z0-9_./-]+"
	result = ""
	while (match(text, names)) {
		before = substr(text, 1, RSTART - 1)
		word = substr(text, RSTART, RLENGTH)
		text = substr(text, RSTART + RLENGTH)
		# A full stop ends the sentence, not the path.
		tail = ""
		if (word ~ /\/.*[.]$/) {
			sub(/[.]$/, "", word)
			tail = "."
		}
		result = result escaped(before) marked(word) tail
	}
	return guard(result escaped(text))
}

function capitalized(text)
{
	return toupper(substr(text, 1, 1)) substr(text, 2)
}

# A text that stands alone, with a capital letter and a full stop. A name that
# it begins with stays as it is.
function sentence(text)
{
	sub(/[ ;,]+$/, "", text)
	if (text ~ /^[a-z]+([ ,;:.'-]|$)/ &&
	    text !~ /^(errno|iommufd|procfs|sysfs|udev)[^a-z]/)
		text = capitalized(text)
	return text ~ /[.:]$/ ? text : text "."
}

# roff for lines of C, as they stand.
function verbatim(lines)
{
	gsub(/\\/, "\\e", lines)
	gsub(/-/, "\\-", lines)
	return lines
}

# The same in bold.
function bold(lines)
{
	lines = verbatim(lines)
	gsub(/\n/, "\\fP\n\\fB", lines)
	return "\\fB" lines "\\fP"
}

function paragraph(text)
{
	return ".PP\n" markup(text) "\n"
}

# A tag, already in its fonts, and what it stands for.
function tagged(tag, text)
{
	return ".TP\n" tag "\n" markup(text) "\n"
}
