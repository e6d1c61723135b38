// SPDX-License-Identifier: MIT
// Interrupt controllers; a local APIC for each vCPU is appended at run time.
[0004] Signature : "APIC"
[0004] Table Length : 00000000
[0001] Revision : 05
[0001] Checksum : 00
[0006] Oem ID : "LEND  "
[0008] Oem Table ID : "LENDRUN "
[0004] Oem Revision : 00000001
[0004] Asl Compiler ID : "INTL"
[0004] Asl Compiler Revision : 00000000
[0004] Local Apic Address : FEE00000
[0004] Flags (decoded below) : 00000000
       PC-AT Compatibility : 0

[0001] Subtable Type : 01
[0001] Length : 0C
[0001] I/O Apic ID : 00
[0001] Reserved : 00
[0004] Address : FEC00000
[0004] Interrupt : 00000000

// LINT1 is the NMI input of every processor.
[0001] Subtable Type : 04
[0001] Length : 06
[0001] Processor ID : FF
[0002] Flags (decoded below) : 0000
       Polarity : 0
       Trigger Mode : 0
[0001] Interrupt Input LINT : 01
