# SPDX-License-Identifier: MIT
# Lays out C declarations of a header for the width of a manual page.

# Columns of a terminal, without a page's margins.
function page_width()
{
	return 72
}

function spaces(count)
{
	return sprintf("%" count "s", "")
}

# Tabs to columns.
function expanded(line,    text, i, c)
{
	text = ""
	for (i = 1; i <= length(line); i++) {
		c = substr(line, i, 1)
		if (c == "\t")
			text = text substr("        ", length(text) % 8 + 1)
		else
			text = text c
	}
	return text
}

# The columns behind the parentheses that are open after a line, the innermost
# one first; columns has those before it.
function open_columns(line, columns,    i, c)
{
	for (i = 1; i <= length(line); i++) {
		c = substr(line, i, 1)
		if (c == "(")
			columns = i " " columns
		else if (c == ")")
			sub(/^[0-9]+ /, "", columns)
	}
	return columns
}

# A function's declaration in one line, without its attributes.
function prototype_line(text)
{
	sub(/[ \t\n]*__attribute__.*$/, ";", text)
	gsub(/[ \t\n]+/, " ", text)
	sub(/ $/, "", text)
	return text
}

# A line of C, broken at commas where the page ends. What follows is below the
# innermost parenthesis that is open, or indented where none is.
function wrapped(text,    count, parts, i, line, result, columns)
{
	count = split(text, parts, /, /)
	line = parts[1]
	result = columns = ""
	for (i = 2; i <= count; i++) {
		line = line ","
		if (length(line) + length(parts[i]) + 2 > page_width()) {
			columns = open_columns(line, columns)
			result = result line "\n"
			line = spaces(columns == "" ? 8 : columns + 0) parts[i]
		} else {
			line = line " " parts[i]
		}
	}
	return result line
}

# A function's declaration; its name begins a line where it does not fit behind
# the type.
function prototype(text,    head, at)
{
	text = prototype_line(text)
	head = text
	sub(/,.*/, "", head)
	if (length(head) < page_width() ||
	    !match(head, / \**lend_[a-z0-9_]+\(/))
		return wrapped(text)
	at = RSTART + (substr(head, RSTART + 1, 1) == "*")
	return substr(text, 1, at) "\n" wrapped(substr(text, at + 1))
}

# A structure's or an enumeration's definition, without the comments in it;
# half of the indentation.
function definition(text,    count, lines, i, line, result)
{
	result = ""
	while (match(text, /[ \t]*\/\*([^*]|\*+[^*\/])*\*+\//))
		text = substr(text, 1, RSTART - 1) \
			substr(text, RSTART + RLENGTH)
	count = split(text, lines, "\n")
	for (i = 1; i <= count; i++) {
		line = expanded(lines[i])
		sub(/^        /, "    ", line)
		sub(/[ ]+$/, "", line)
		if (length(line) > page_width())
			line = wrapped(line)
		result = result (i > 1 ? "\n" : "") line
	}
	return result
}
