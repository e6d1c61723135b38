// SPDX-License-Identifier: MIT
// ACPI table list; the FADT, MADT and MCFG addresses are filled in at run time.
[0004] Signature : "XSDT"
[0004] Table Length : 00000000
[0001] Revision : 01
[0001] Checksum : 00
[0006] Oem ID : "LEND  "
[0008] Oem Table ID : "LENDRUN "
[0004] Oem Revision : 00000001
[0004] Asl Compiler ID : "INTL"
[0004] Asl Compiler Revision : 00000000

[0008] ACPI Table Address : 0000000000000001
[0008] ACPI Table Address : 0000000000000001
[0008] ACPI Table Address : 0000000000000001
