# SPDX-License-Identifier: MIT
# Asks the security and backports suites of this machine's Debian release, without a change to its own configuration of apt.
# shellcheck shell=bash disable=SC2034,SC2154

# The URI and release of the first configured Debian archive, "URI SUITE".
main_archive()
{
	# shellcheck disable=SC2016 # apt's own placeholders
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(ORIGIN)' \
		'Created-By: Packages' 2>/dev/null |
		awk '$3 == "Debian" && $1 !~ /security/ && $2 !~ /-/ {
			print $1, $2; exit }'
}

# private_apt ARCH [SUITE...]: makes $apt the options that have apt use a configuration
# in the cache, whose suites are derived from the configured archive; $suite is
# the release. With an ARCH, packages are those of that architecture, and
# nothing counts as installed; '' is this machine's own. With SUITEs, those alone
# are asked. Fails where no archive can be derived.
private_apt()
{
	local uri key one private=$cache/apt${1:+-$1}${2:+-$2}
	read -r uri suite < <(main_archive) || return 1
	uri=${uri%/}
	key=/usr/share/keyrings/debian-archive-keyring.gpg
	mkdir -p "$private/lists/partial" "$private/archives/partial"
	if [ -n "${2-}" ]; then
		for one in "${@:2}"; do
			echo "deb [signed-by=$key] $uri $one main"
		done
	else
		echo "deb [signed-by=$key] $uri $suite main"
		echo "deb [signed-by=$key] $uri $suite-backports main"
		echo "deb [signed-by=$key] ${uri%/debian}/debian-security" \
			"$suite-security main"
	fi >"$private/sources.list"
	apt=(-o "Dir::Etc::SourceList=$private/sources.list"
		-o Dir::Etc::SourceParts=-
		-o "Dir::State::Lists=$private/lists"
		-o "Dir::Cache::Archives=$private/archives"
		-o "Dir::Cache::pkgcache=" -o "Dir::Cache::srcpkgcache="
		-o APT::Sandbox::User=root)
	if [ -n "$1" ]; then
		: >"$private/status"
		apt+=(-o "APT::Architecture=$1" -o "APT::Architectures=$1"
			-o "Dir::State::status=$private/status")
	fi
	# A suite that does not exist is no error: the others count.
	apt-get "${apt[@]}" -qq update >/dev/null 2>&1 || true
}
