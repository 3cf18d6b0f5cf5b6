#!/usr/bin/env node
import "../../../deploy/local/run.mjs";
