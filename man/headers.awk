# SPDX-License-Identifier: MIT
# Reads public headers: what each documents, with its comment and declaration.
#
# Sets, for header h: file[h], purpose[h], notes[h], includes[h]; and for the
# i-th documented item: kind[i], name[i], of[i] (its header), declared[i], and
# the lines of its comment, doc[i, 1] to doc[i, docs[i]].

# A comment that belongs to no declaration: a line for each paragraph.
function add_note(line,    begun)
{
	sub(/^[ \t]*(\/\*|\*\/|\*)[ \t]*/, "", line)
	begun = notes[headers] ~ /[^\n]$/
	if (line == "")
		notes[headers] = notes[headers] (begun ? "\n" : "")
	else
		notes[headers] = notes[headers] (begun ? " " : "") line
}

# Adds a line of a comment, without its stars. Returns whether it ends there.
function add_doc(line,    ends)
{
	sub(/^[ \t]*(\/\*\*|\*\/|\*)/, "", line)
	ends = sub(/[ \t]*\*\/[ \t]*$/, "", line)
	sub(/^ /, "", line)
	sub(/[ \t]+$/, "", line)
	if (line != "" || docs[items])
		doc[items, ++docs[items]] = line
	return ends
}

function begin_item()
{
	items++
	docs[items] = 0
	of[items] = headers
	declared[items] = ""
}

# What was documented ends here.
function end_item(    first)
{
	first = doc[items, 1]
	sub(/\n$/, "", declared[items])
	kind[items] = "constant"
	if (first ~ /^[a-z_0-9]+\(\) - /) {
		kind[items] = "function"
		sub(/\(\).*/, "", first)
	} else if (first ~ /^(struct|enum|union) [a-z_0-9]+ - /) {
		kind[items] = "type"
		sub(/ - .*/, "", first)
		sub(/^[a-z]+ /, "", first)
	}
	name[items] = first
	state = ""
}

FNR == 1 {
	headers++
	file[headers] = FILENAME
	sub(/^.*include\//, "", file[headers])
	next
}

FNR == 2 {
	state = "purpose"
}

state == "purpose" {
	line = $0
	over = line ~ /\*\//
	gsub(/^[ \t]*(\/\*|\*\/|\*)[ \t]*|[ \t]*\*\/.*$/, "", line)
	if (line != "")
		purpose[headers] = purpose[headers] \
			(purpose[headers] == "" ? "" : " ") line
	if (over)
		state = ""
	next
}

/^#include <lend\// {
	line = $2
	gsub(/^<lend\/|\.h>$/, "", line)
	includes[headers] = includes[headers] " " line
}

# A comment right below a macro is that of the next one.
state == "declaration" && define && /^\/\*\*/ {
	end_item()
}

state == "" && /^\/\*\*/ {
	define = 0
	begin_item()
	state = "comment"
}

state == "" && /^\/\*/ {
	state = "note"
}

state == "note" {
	add_note($0)
	if (/\*\//)
		state = ""
	next
}

state == "comment" {
	if (add_doc($0) || /\*\/[ \t]*$/)
		state = "declaration"
	next
}

state == "declaration" {
	define = /^#define/ || (define && declared[items] != "")
	if (/^[ \t]*$/) {
		if (define)
			end_item()
		else if (declared[items] != "")
			declared[items] = declared[items] "\n"
		next
	}
	declared[items] = declared[items] $0 "\n"
	if (!define && /^[^ \t{].*;$|^\t.*\).*;$|^};$/ &&
	    (declared[items] !~ /\{/ || /^}/))
		end_item()
}
