/* SPDX-License-Identifier: MIT */
/* Names of PCI devices and their classes. */
#ifndef CLI_NAMES_H
#define CLI_NAMES_H

enum { NAMES_TEXT = 256 };

struct names;

/* Opens the list of names, for names_close(). NULL if there is none. */
struct names *names_open(void);
void names_close(struct names *names);

/* Each writes a name, "" if it is unknown; @names may be NULL. @ids are vendor,
 * device, subsystem vendor and subsystem device. */
void names_class(struct names *names, unsigned int class,
		 char text[NAMES_TEXT]);
void names_device(struct names *names, unsigned int vendor, unsigned int device,
		  char text[NAMES_TEXT]);
void names_subsystem(struct names *names, const unsigned int ids[4],
		     char text[NAMES_TEXT]);

#endif
