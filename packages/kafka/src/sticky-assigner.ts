import { AssignerProtocol, type PartitionAssigner } from 'kafkajs';
import { shareOut, type PartitionClaim } from './sticky-assignment.ts';

/**
 * kafkajs' way to an assignment in which partitions stay where they are (`shareOut`); its own deals them out anew whenever somebody
 * comes or goes. What a member holds travels with its request to join, in the part of it that Kafka leaves to assigners.
 *
 * @param claims what the member that this assigner is of holds at the moment.
 */
export function stickyAssigner(claims: () => readonly PartitionClaim[]): PartitionAssigner {
  return ({ cluster }) => ({
    name: 'haulwatch-sticky',
    version: 1,
    protocol({ topics }) {
      const userData = Buffer.from(JSON.stringify(claims().map(({ partition, offset }) => [partition, offset])));
      return {
        name: this.name,
        metadata: AssignerProtocol.MemberMetadata.encode({ version: this.version, topics, userData }),
      };
    },
    async assign({ members, topics }) {
      const claiming = members.map(({ memberId, memberMetadata }) => ({ memberId, claims: claimsIn(memberMetadata) }));
      // A group of ours reads one topic.
      const shares = topics.map((topic) => {
        const partitions = cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId);
        return {
          topic,
          shared: shareOut(
            partitions.toSorted((a, b) => a - b),
            claiming,
          ),
        };
      });
      return members.map(({ memberId }) => ({
        memberId,
        memberAssignment: AssignerProtocol.MemberAssignment.encode({
          version: this.version,
          assignment: Object.fromEntries(shares.map(({ topic, shared }) => [topic, shared.get(memberId) ?? []])),
          userData: Buffer.alloc(0),
        }),
      }));
    },
  });
}

/** What a member said that it holds; what cannot be read claims nothing. */
function claimsIn(memberMetadata: Buffer): PartitionClaim[] {
  try {
    const { userData } = AssignerProtocol.MemberMetadata.decode(memberMetadata)!;
    const told: unknown = JSON.parse(userData.toString());
    if (!Array.isArray(told)) return [];
    return told.flatMap((claim: unknown) => {
      const [partition, offset] = Array.isArray(claim) ? (claim as unknown[]) : [];
      return Number.isInteger(partition) && Number.isInteger(offset)
        ? [{ partition: partition as number, offset: offset as number }]
        : [];
    });
  } catch {
    return [];
  }
}
