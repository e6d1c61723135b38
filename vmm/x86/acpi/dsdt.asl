// SPDX-License-Identifier: MIT
// Devices that a guest cannot probe: PCI host, serial port and power key.

// INTx of slot s, pin p (0 is INTA#): GSI 16 + (s + p) % 8, as in pci_host_gsi().
// The guest swizzles the pins of devices below a root port.
#define PIN(s, p) Package () {(s << 16) | 0xffff, p, 0, 16 + ((s + p) & 7)}
#define SLOT(s) PIN (s, 0), PIN (s, 1), PIN (s, 2), PIN (s, 3)

DefinitionBlock ("dsdt.aml", "DSDT", 2, "LEND  ", "LENDRUN ", 1)
{
	// Filled in at run time: base and size of each PCI window and of config
	// space. A size of 0 means that the window does not exist.
	Name (M32B, 0x1111111111111111)
	Name (M32S, 0x1111111111111111)
	Name (M64B, 0x1111111111111111)
	Name (M64S, 0x1111111111111111)
	Name (IOPB, 0x1111111111111111)
	Name (IOPS, 0x1111111111111111)
	Name (CFGB, 0x1111111111111111)
	Name (CFGS, 0x1111111111111111)

	// What the guest may control itself, as _OSC numbers it.
	Name (OSCM, 0x1111111111111111)

	// Power-off: the value for the sleep control register.
	Name (_S5, Package () {5, 0, 0, 0})

	Scope (_SB)
	{
		Device (PCI0)
		{
			Name (_HID, EisaId ("PNP0A08"))
			Name (_CID, EisaId ("PNP0A03"))
			Name (_SEG, 0)
			Name (_BBN, 0)
			Name (_UID, 0)
			Name (_CCA, 1)

			Name (RLOW, ResourceTemplate ()
			{
				WordBusNumber (ResourceProducer, MinFixed,
					MaxFixed, PosDecode,
					0, 0, 0, 0, 1,,, WBUS)
				IO (Decode16, 0xcf8, 0xcf8, 1, 8)
				WordIO (ResourceProducer, MinFixed, MaxFixed,
					PosDecode, EntireRange,
					0, 0, 0, 0, 1,,, WIO)
				DWordMemory (ResourceProducer, PosDecode,
					MinFixed, MaxFixed, NonCacheable,
					ReadWrite, 0, 0, 0, 0, 1,,, WM32)
			})
			Name (RHIG, ResourceTemplate ()
			{
				QWordMemory (ResourceProducer, PosDecode,
					MinFixed, MaxFixed, NonCacheable,
					ReadWrite, 0, 0, 0, 0, 1,,, WM64)
			})

			Method (_CRS, 0, Serialized)
			{
				CreateWordField (RLOW, ^WBUS._MAX, BMAX)
				CreateWordField (RLOW, ^WBUS._LEN, BLEN)
				CreateWordField (RLOW, ^WIO._MIN, PMIN)
				CreateWordField (RLOW, ^WIO._MAX, PMAX)
				CreateWordField (RLOW, ^WIO._LEN, PLEN)
				CreateDWordField (RLOW, ^WM32._MIN, LMIN)
				CreateDWordField (RLOW, ^WM32._MAX, LMAX)
				CreateDWordField (RLOW, ^WM32._LEN, LLEN)
				CreateQWordField (RHIG, ^WM64._MIN, HMIN)
				CreateQWordField (RHIG, ^WM64._MAX, HMAX)
				CreateQWordField (RHIG, ^WM64._LEN, HLEN)

				// Each bus has 1 MiB of config space.
				BMAX = (CFGS >> 20) - 1
				BLEN = CFGS >> 20
				PMIN = IOPB
				PMAX = IOPB + IOPS - 1
				PLEN = IOPS
				LMIN = M32B
				LMAX = M32B + M32S - 1
				LLEN = M32S
				If (M64S == 0)
				{
					Return (RLOW)
				}
				HMIN = M64B
				HMAX = M64B + M64S - 1
				HLEN = M64S
				Return (ConcatenateResTemplate (RLOW, RHIG))
			}

			// A package rather than a method, which a guest would
			// interpret each time that a driver enables a device.
			Name (_PRT, Package ()
			{
				SLOT (1), SLOT (2), SLOT (3), SLOT (4), SLOT (5), SLOT (6),
				SLOT (7), SLOT (8), SLOT (9), SLOT (10), SLOT (11), SLOT (12),
				SLOT (13), SLOT (14), SLOT (15), SLOT (16), SLOT (17), SLOT (18),
				SLOT (19), SLOT (20), SLOT (21), SLOT (22), SLOT (23), SLOT (24),
				SLOT (25), SLOT (26), SLOT (27), SLOT (28), SLOT (29), SLOT (30),
				SLOT (31)
			})

			// Grant native control of AER, the PCIe capability and,
			// where a device can be plugged, hot plug. PME is
			// unsupported.
			Method (_OSC, 4, NotSerialized)
			{
				CreateDWordField (Arg3, 0, CDW1)
				If (Arg0 == ToUUID (
					"33db4d5b-1ff7-401c-9657-7441c03dd766"))
				{
					CreateDWordField (Arg3, 8, CDW3)
					Local0 = CDW3 & OSCM
					If (Arg1 != 1)
					{
						CDW1 |= 0x08
					}
					If (CDW3 != Local0)
					{
						CDW1 |= 0x10
					}
					CDW3 = Local0
				}
				Else
				{
					CDW1 |= 0x04
				}
				Return (Arg3)
			}
		}

		// Reserves config space.
		Device (MBRD)
		{
			Name (_HID, EisaId ("PNP0C02"))
			Name (_UID, 0)
			Name (RSRC, ResourceTemplate ()
			{
				QWordMemory (ResourceConsumer, PosDecode,
					MinFixed, MaxFixed, NonCacheable,
					ReadWrite, 0, 0, 0, 0, 1,,, WCFG)
				IO (Decode16, 0x600, 0x600, 1, 4)
			})
			Method (_CRS, 0, Serialized)
			{
				CreateQWordField (RSRC, ^WCFG._MIN, CMIN)
				CreateQWordField (RSRC, ^WCFG._MAX, CMAX)
				CreateQWordField (RSRC, ^WCFG._LEN, CLEN)
				CMIN = CFGB
				CMAX = CFGB + CFGS - 1
				CLEN = CFGS
				Return (RSRC)
			}
		}

		Device (COM1)
		{
			Name (_HID, EisaId ("PNP0501"))
			Name (_UID, 1)
			Name (_STA, 0x0f)
			Name (_CRS, ResourceTemplate ()
			{
				IO (Decode16, 0x3f8, 0x3f8, 1, 8)
				Interrupt (ResourceConsumer, Edge, ActiveHigh,
					Exclusive) {4}
			})
		}

		Device (PWRB)
		{
			Name (_HID, EisaId ("PNP0C0C"))
			Name (_UID, 0)
			Name (_STA, 0x0f)
		}

		// The generic event device; its only event is the power key.
		Device (EVNT)
		{
			Name (_HID, "ACPI0013")
			Name (_UID, 0)
			Name (_CRS, ResourceTemplate ()
			{
				Interrupt (ResourceConsumer, Edge, ActiveHigh,
					Exclusive) {5}
			})
			Method (_EVT, 1, Serialized)
			{
				If (Arg0 == 5)
				{
					Notify (PWRB, 0x80)
				}
			}
		}
	}
}
