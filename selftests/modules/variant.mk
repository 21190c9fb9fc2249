# SPDX-License-Identifier: GPL-2.0
# A module of the tests that is a room's but for a few files. Those are compiled with
# this module's flags, the others are the room's own objects: the rig puts them into
# built/, beside the rooms that it puts beside this file.
#
# $(call dio-variant,ROOM,OBJECTS,DIFFERENT): OBJECTS of ROOM, DIFFERENT ones compiled
dio-variant = $(addprefix ../$(1)/,$(filter $(3),$(2))) \
	      $(addprefix ../built/$(1)/,$(filter-out $(3),$(2)))
