# SPDX-License-Identifier: MIT
# What is asked of a build tree without writing to it.
# shellcheck shell=bash

# tree_option DIR NAME: the value of one of meson's options.
tree_option()
{
	meson introspect "$1" --buildoptions | python3 -c '
import json, sys
for option in json.load(sys.stdin):
    if option["name"] == sys.argv[1]:
        value = option["value"]
        print(str(value).lower() if isinstance(value, bool) else value)
' "$2"
}

# tree_current DIR: nothing in it waits to be built.
tree_current()
{
	ninja -n -C "$1" 2>/dev/null | grep -q 'no work to do'
}
