# SPDX-License-Identifier: MIT
# Makes a manual page of section 3 from a public header and its comments.
#
# usage: awk -v page=NAME -v version=VERSION -v also="NAME..." -f page.awk HEADER

# One word in bold or italics, with what is stuck to it left as it is.
function font(word, letter)
{
	return "\\f" letter word "\\fP"
}

# roff for a piece of text: names of functions, constants, arguments and
# commands in their fonts, nothing of it taken for a request.
function markup(text,    result, word)
{
	gsub(/\\/, "\\e", text)
	gsub(/-/, "\\-", text)
	result = ""
	while (match(text, /@[a-z_0-9]+|`[^`]+`|LEND_[A-Z0-9_*]+|lend_[a-z0-9_]+\(\)/)) {
		result = result substr(text, 1, RSTART - 1)
		word = substr(text, RSTART, RLENGTH)
		text = substr(text, RSTART + RLENGTH)
		if (word ~ /^@/)
			word = font(substr(word, 2), "I")
		else if (word ~ /^`/)
			word = font(substr(word, 2, length(word) - 2), "B")
		else if (word ~ /\(\)$/)
			word = font(substr(word, 1, length(word) - 2), "B") "()"
		else
			word = font(word, "B")
		result = result word
	}
	return guard(result text)
}

function guard(text)
{
	return text ~ /^[.']/ ? "\\&" text : text
}

# roff for lines of C, as they stand: roff's tabs are not those of a terminal.
function verbatim(lines,    text, i, c, column)
{
	text = ""
	column = 0
	for (i = 1; i <= length(lines); i++) {
		c = substr(lines, i, 1)
		if (c == "\t") {
			text = text substr("        ", column % 8 + 1)
			column += 8 - column % 8
			continue
		}
		column = c == "\n" ? 0 : column + 1
		text = text (c == "\\" ? "\\e" : c == "-" ? "\\-" : c)
	}
	return text
}

# The same, set off from the text.
function block(lines)
{
	return ".RS 4\n.nf\n" verbatim(lines) "\n.fi\n.RE\n"
}

function sentence(text)
{
	text = toupper(substr(text, 1, 1)) substr(text, 2)
	return text ~ /[.:]$/ ? text : text "."
}

# A name that is documented, with what to say of it: "@name: text".
function item(line,    at)
{
	at = index(line, ":")
	body = body ".TP\n" font(substr(line, 2, at - 2), "I") "\n"
	line = substr(line, at + 1)
	sub(/^[ \t]+/, "", line)
	if (line != "")
		body = body markup(line) "\n"
}

# A line within "Returns:": each result and each error begins an item.
function result(line,    at)
{
	at = index(line, ": ")
	if (line ~ /^-E[A-Z]/ && at) {
		body = body ".TP\n" markup(substr(line, 1, at - 1)) "\n" \
			markup(substr(line, at + 2)) "\n"
	} else if (line ~ /^or (another|as) /) {
		body = body ".PP\n" markup(line) "\n"
	} else {
		body = body markup(line) "\n"
	}
}

# "Since: 0.1. Source: …", which may go on in further lines.
function since(line,    at)
{
	at = index(line, " Source:")
	if (at) {
		body = body ".PP\n" font("Since:", "B") " " \
			markup(substr(line, 8, at - 8)) "\n.PP\n" \
			font("Source:", "B") markup(substr(line, at + 8)) "\n"
	} else {
		body = body ".PP\n" font("Since:", "B") \
			markup(substr(line, 7)) "\n"
	}
}

# Sets body to the roff of a comment's lines from the first on.
function comment(first,    i, line, mode)
{
	body = mode = ""
	for (i = first; i <= docs; i++) {
		line = doc[i]
		if (line == "") {
			mode = ""
		} else if (line ~ /^@[a-z_0-9]+:/) {
			item(line)
			mode = "item"
		} else if (line ~ /^Returns: /) {
			sub(/^Returns: /, "", line)
			body = body ".PP\n" font("Returns:", "B") "\n"
			result(line)
			mode = "returns"
		} else if (line ~ /^Since: /) {
			since(line)
			mode = "since"
		} else if (mode == "returns") {
			result(line)
		} else if (mode == "") {
			body = body ".PP\n" markup(line) "\n"
			mode = "text"
		} else {
			sub(/^[ \t]+/, "", line)
			body = body markup(line) "\n"
		}
	}
}

function trimmed(text)
{
	sub(/^[ \t]+/, "", text)
	return text
}

# What a comment begins with, after the name; sets rest to the line after it.
function opening(    text)
{
	text = doc[1]
	sub(/^[^-]* - /, "", text)
	for (rest = 2; rest <= docs && doc[rest] !~ /^(@.*)?$/; rest++)
		text = text " " trimmed(doc[rest])
	return text
}

function function_section(    name, summary)
{
	name = doc[1]
	sub(/\(\).*/, "", name)
	summary = opening()
	comment(rest)
	if (declaration ~ /^void [a-z]/ && body !~ /Returns:/)
		sub(/\.PP\n\\fBSince:/, ".PP\n\\fBReturns:\\fP nothing.\n&",
			body)
	functions = functions ".SS " name "()\n" markup(sentence(summary)) \
		"\n.PP\n" block(declaration) body
	names = names (names == "" ? "" : ", ") name
	synopsis = synopsis (synopsis == "" ? "" : "\n\n") declaration
}

function type_section(    name, summary)
{
	name = doc[1]
	sub(/ - .*/, "", name)
	summary = opening()
	comment(rest)
	types = types ".SS " name "\n" markup(sentence(summary)) "\n.PP\n" \
		block(declaration) body
}

function constant_section(    i)
{
	# "text. Since: 0.1", in one paragraph.
	for (i = 1; i <= docs; i++)
		if (match(doc[i], / Since: /)) {
			doc[docs + 1] = substr(doc[i], RSTART + 1)
			doc[i] = substr(doc[i], 1, RSTART - 1)
			docs++
			break
		}
	comment(1)
	constants = constants ".PP\n" block(declaration) body
}

# What was documented ends here.
function close_declaration()
{
	sub(/\n$/, "", declaration)
	if (doc[1] ~ /^[a-z_0-9]+\(\) - /)
		function_section()
	else if (doc[1] ~ /^(struct|enum|union) [a-z_0-9]+ - /)
		type_section()
	else
		constant_section()
	state = ""
	declaration = ""
}

# Adds a line of a comment, without its stars.
function doc_line(line)
{
	sub(/^[ \t]*(\/\*\*|\*\/|\*)/, "", line)
	ends = sub(/[ \t]*\*\/[ \t]*$/, "", line)
	sub(/^ /, "", line)
	sub(/[ \t]+$/, "", line)
	if (line != "" || docs)
		doc[++docs] = line
	return ends
}

FNR == 2 {
	state = "purpose"
}

state == "purpose" {
	line = $0
	over = line ~ /\*\//
	gsub(/^[ \t]*(\/\*|\*\/|\*)[ \t]*|[ \t]*\*\/.*$/, "", line)
	if (line != "")
		purpose = purpose (purpose == "" ? "" : " ") line
	if (over)
		state = ""
	next
}

state == "" && /^\/\*\*/ {
	docs = 0
	state = "comment"
}

state == "comment" {
	if (doc_line($0) || /\*\/[ \t]*$/)
		state = "declaration"
	next
}

state == "declaration" {
	define = /^#define/ || (define && declaration != "")
	if (/^[ \t]*$/) {
		if (define)
			close_declaration()
		else if (declaration != "")
			declaration = declaration "\n"
		next
	}
	declaration = declaration $0 "\n"
	if (!define && /^[^ \t{].*;$|^\t.*\).*;$|^};$/ &&
	    (declaration !~ /\{/ || /^}/))
		close_declaration()
}

END {
	header = FILENAME
	sub(/^.*include\//, "", header)
	sub(/\.$/, "", purpose)
	if (purpose ~ /^[A-Z][a-z ]/)
		purpose = tolower(substr(purpose, 1, 1)) substr(purpose, 2)
	self = page
	printf ".TH %s 3 \"\" \"lend %s\" \"liblend\"\n", page, version
	if (index(", " names ",", ", " page ","))
		page = ""
	printf ".SH NAME\n%s%s \\- %s\n", page == "" ? "" : page ", ", names,
		markup(purpose)
	printf ".SH SYNOPSIS\n.nf\n#include <%s>\n\n", header
	printf "%s\n.fi\n.PP\nCompile and link with " \
		"\\fBpkg\\-config \\-\\-cflags \\-\\-libs lend\\fP.\n", \
		verbatim(synopsis)
	printf ".SH FUNCTIONS\n%s", functions
	if (types != "")
		printf ".SH TYPES\n%s", types
	if (constants != "")
		printf ".SH CONSTANTS\n%s", constants
	printf ".SH \"SEE ALSO\"\n"
	count = split(also, others, " ")
	for (i = 1; i <= count; i++)
		if (others[i] != self)
			printf ".BR %s (3),\n", others[i]
	printf ".BR lend (1)\n"
}
