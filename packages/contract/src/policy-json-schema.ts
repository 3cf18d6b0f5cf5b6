import { z } from 'zod';
import { policyFileSchema } from './policy-file.ts';

/**
 * The policy file for editors (JSON Schema draft 7, which all of them read): keys, bounds, what each number is for. What it
 * cannot say (fences that cross themselves, rules that no fence asks for) only `preparePolicy` tells.
 */
export function policyJsonSchema(): object {
  return { title: 'Haulwatch policy', ...z.toJSONSchema(policyFileSchema, { io: 'input', target: 'draft-7' }) };
}
