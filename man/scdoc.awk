# SPDX-License-Identifier: MIT
# Mends what scdoc writes: names that break at hyphens, words that are hyphenated, empty paragraphs, a title without a version.
#
# usage: scdoc <SOURCE | awk -v version=VERSION -f scdoc.awk

# Prints a line once the next one is known: a paragraph begins after what ends a
# block, and needs text before and behind.
function put(line)
{
	if (held == ".P" && line == ".RE") {
		print line
		return
	}
	if (held == ".P" && line ~ /^\.(P|S[HS] .*)$/)
		holds = 0
	if (line == ".P" && last ~ /^\.(S[HS] .*|ad l|P)$/)
		return
	if (holds)
		print held
	last = held = line
	holds = 1
}

/^\.(nf|fi)$/ {
	code = $0 == ".nf"
}

# Before the title, .nh and .ad have no effect.
/^\.(nh|ad l)$/ || (!code && /^$/) {
	next
}

/^\.TH / {
	put(".TH " $2 " " $3 " " $4 " \"lend " version "\" lend")
	put(".nh")
	put(".ad l")
	next
}

# A hyphen that is no break, and that can be copied to a shell.
!/^[.\\]["h]/ && !/^\.[a-z]/ {
	gsub(/\\-/, "-")
	gsub(/-/, "\\-")
}

{
	put($0)
}

END {
	if (holds && held != ".P")
		print held
}
