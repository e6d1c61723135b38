# SPDX-License-Identifier: MIT
# Writes a manual page for each function, structure, enumeration and header that the public headers document.
#
# usage: awk -v directory=DIRECTORY -v version=VERSION -v date=DATE
#            -f roff.awk -f declaration.awk -f comment.awk -f headers.awk
#            -f enumerators.awk -f page.awk HEADER...

function put(text)
{
	printf "%s", text >output
}

function section(title, text)
{
	if (text != "")
		put(".SH " title "\n" text)
}

# Everything up to SYNOPSIS.
function begin_page(title, number, about, h)
{
	output = directory "/" title "." number
	put(".\\\" Made from <" file[h] ">: change that instead.\n")
	put(sprintf(".TH %s %s %s \"lend %s\" \"liblend\"\n.nh\n.ad l\n", title,
		    number, date, version))
	section("NAME", title " \\- " markup(about) "\n")
	library = file[h] == "lend/test.h" ? "lend\\-test" : "lend"
	section("LIBRARY", "lib" library "\n.RI ( \\-l" library " ,\n" \
		".IR \"pkg\\-config " library "\" )\n")
}

function synopsis(h, text)
{
	section("SYNOPSIS", ".nf\n.B #include <" file[h] ">\n" \
		(text == "" ? "" : ".PP\n" text "\n") ".fi\n")
}

# Adds a page to those that SEE ALSO lists, once.
function see(name, number)
{
	if ((name " " number) in seen || name == "")
		return
	seen[name " " number] = 1
	also[++also_count] = number " " name
}

function sort_also(    i, n, kept)
{
	for (i = 2; i <= also_count; i++) {
		kept = also[i]
		for (n = i; n > 1 && also[n - 1] > kept; n--)
			also[n] = also[n - 1]
		also[n] = kept
	}
}

function end_page(    i, parts, text)
{
	sort_also()
	text = ""
	for (i = 1; i <= also_count; i++) {
		split(also[i], parts, " ")
		text = text ".BR " parts[2] " (" parts[1] ")" \
			(i < also_count ? ",\n" : "\n")
	}
	if (source != "")
		text = text paragraph(sentence(source))
	section("\"SEE ALSO\"", text)
	close(output)
	split("", seen)
	split("", also)
	also_count = 0
	self = self_type = source = ""
}

# The header's page and the library's.
function see_overview(i)
{
	if (kind_of["function " page_of(of[i])] == "")
		see(page_of(of[i]), "3")
	see("lend", "3")
}

function release()
{
	section("HISTORY", "liblend " since ".\n")
}

function page_of(h,    text)
{
	text = file[h]
	sub(/^lend\//, "lend_", text)
	sub(/\.h$/, "", text)
	return text
}

# Whether a declaration has to do with a type.
function mentions(i, type)
{
	return declared[i] ~ ("(struct|enum|union) " type "[^a-z0-9_]")
}

function see_types(i,    n)
{
	for (n = 1; n <= items; n++)
		if (kind[n] == "type" && n != i && mentions(i, name[n]))
			see(name[n], "3type")
}

# All else that the header of a page's item declares.
function see_header(i,    n)
{
	for (n = 1; n <= items; n++)
		if (of[n] == of[i] && n != i && kind[n] != "constant")
			see(name[n], kind[n] == "type" ? "3type" : "3")
}

# The summary, the text, and what the comment lists.
function describe(title)
{
	section("DESCRIPTION", markup(sentence(summary)) "\n" description)
	if (list != "")
		put(".SS " title "\n" list)
}

function results()
{
	if (returns == "")
		returns = "nothing"
	if (returns == "0" && errors != "")
		returns = "0 on success"
	section("\"RETURN VALUE\"", markup(sentence(returns)) \
		(errors == "" ? "" : \
		 " On failure, a negative error number; see ERRORS.") "\n")
	section("ERRORS", errors)
	if (errors ~ /LEND_ERROR_/)
		see("lend_ctx_error", "3")
}

function function_page(i)
{
	self = name[i]
	comment_of(i)
	begin_page(self, "3", summary, of[i])
	synopsis(of[i], bold(prototype(declared[i])))
	describe("Arguments")
	results()
	release()
	see_types(i)
	if (self == page_of(of[i]))
		see_header(i)
	see_overview(i)
	end_page()
}

function type_page(i,    n)
{
	self_type = name[i]
	comment_of(i)
	begin_page(self_type, "3type", summary, of[i])
	synopsis(of[i], verbatim(definition(declared[i])))
	list = list enumerators_of(declared[i])
	describe(declared[i] ~ /^enum/ ? "Values" : "Members")
	release()
	for (n = 1; n <= items; n++)
		if (n != i && kind[n] != "constant" && mentions(n, self_type))
			see(name[n], kind[n] == "type" ? "3type" : "3")
	see_types(i)
	see_overview(i)
	end_page()
}

# A list of a header's functions or types, with a line about each.
function listed(h, what, number,    i, text)
{
	text = ""
	for (i = 1; i <= items; i++)
		if (of[i] == h && kind[i] == what)
			text = text tagged(".BR " name[i] " (" number ")",
					   sentence(summary_of(i)))
	return text
}

# The macros of a block as tags, each with its value where that is short.
function macro_tags(text,    count, lines, i, parts, value, result)
{
	result = ""
	gsub(/\\\n/, " ", text)
	count = split(text, lines, "\n")
	for (i = 1; i <= count; i++) {
		if (split(lines[i], parts, /[ \t]+/) < 2)
			continue
		value = lines[i]
		sub(/^#define[ \t]+[A-Z0-9_]+(\([a-z_, ]*\))?[ \t]*/, "",
		    value)
		if (value ~ /\{/ || value == "")
			value = ""
		else if (value !~ /^\(/)
			value = "(" value ")"
		result = result (i > 1 ? ".TQ\n" : ".TP\n") \
			font(parts[2], "B") (value == "" ? "" : " ") \
			escaped(value) "\n"
	}
	return result
}

# "text. Since: 0.1", in one paragraph.
function constant_of(i,    text, n)
{
	text = ""
	for (n = 1; n <= docs[i]; n++)
		text = text (n > 1 && doc[i, n] != "" ? " " : "") doc[i, n]
	since = source = ""
	n = match(text, / ?Since: /)
	if (n) {
		release_of(substr(text, n + (n > 1)))
		text = substr(text, 1, n - 1)
	}
	return macro_tags(declared[i]) markup(sentence(text) \
		(source == "" ? "" : " Source: " sentence(source)) \
		(since == "" ? "" : " Since liblend " since ".")) "\n"
}

function constants_of(h,    i, text)
{
	text = ""
	for (i = 1; i <= items; i++)
		if (of[i] == h && kind[i] == "constant")
			text = text constant_of(i)
	source = ""
	return text
}

function header_page(h,    page, about, text, i, count, paragraphs, others)
{
	page = page_of(h)
	if (page == "lend_lend" || kind_of["function " page] != "")
		return
	about = purpose[h]
	sub(/\.$/, "", about)
	if (about ~ /^[A-Z][a-z ]/)
		about = tolower(substr(about, 1, 1)) substr(about, 2)
	begin_page(page, "3", about, h)
	synopsis(h, "")
	count = split(notes[h], paragraphs, "\n")
	text = markup(purpose[h]) "\n"
	for (i = 1; i <= count; i++)
		if (paragraphs[i] != "")
			text = text paragraph(paragraphs[i])
	section("DESCRIPTION", text)
	section("FUNCTIONS", listed(h, "function", "3"))
	section("TYPES", listed(h, "type", "3type"))
	section("CONSTANTS", constants_of(h))
	count = split(includes[h], others, " ")
	for (i = 1; i <= count; i++)
		see("lend_" others[i], "3")
	see("lend", "3")
	end_page()
}

END {
	for (i = 1; i <= items; i++)
		kind_of[kind[i] " " name[i]] = kind[i]
	for (i = 1; i <= items; i++) {
		if (kind[i] == "function")
			function_page(i)
		else if (kind[i] == "type")
			type_page(i)
	}
	for (h = 1; h <= headers; h++)
		header_page(h)
}
