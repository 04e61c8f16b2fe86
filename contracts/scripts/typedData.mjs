// The EIP-712 types of the protocol as viem takes them: what the vectors and the gas benchmark sign with. It is a second
// statement of what sdk/src/payments and the contracts say, on purpose: the vectors prove that the three agree.
import { concat, encodeAbiParameters, keccak256, sliceHex } from 'viem'

const fields = (text) => text.split(',').map((field) => ({ type: field.split(' ')[0], name: field.split(' ')[1] }))

/** Struct types by primary type. */
export const types = {
  Ticket: fields('address recipient,address sender,bytes32 grant,uint256 faceValue,uint256 winProb,uint256 nonce,bytes32 recipientRandHash,uint256 creationRound,bytes32 creationRoundBlockHash,uint32 feeShare'),
  SessionGrant: fields('address sender,address key,uint256 spendCap,uint256 escrowCap,uint64 validUntil,bytes32 salt'),
  Quote: fields('address recipient,address sender,bytes32 serviceId,uint256 pricePerMillionPixels,uint256 pricePerMillionInputPixels,uint256 faceValue,bytes32 seed,bytes32 recipientRandHash,uint32 feeShare,uint256 creationRound,bytes32 creationRoundBlockHash,uint64 validUntil'),
  Receipt: fields('address orchestrator,address broadcaster,bytes32 serviceId,bytes32 streamId,uint64 seq,uint32 attempt,bytes32 ladderHash,bytes32 inputHash,bytes32 outputHash,uint256 inputPixels,uint256 pixels,uint256 fee,int256 balance,uint256 round'),
  Statement: fields('address orchestrator,address broadcaster,bytes32 streamId,uint64 segments,uint64 tickets,uint256 credited,uint256 fees,int256 balance,uint64 issuedAt'),
}

/** The domain of every message. */
export function domainOf(chainId, ticketBroker) {
  return { name: 'Streamflow', version: '1', chainId, verifyingContract: ticketBroker }
}

/** The recipient's commitment to a number. */
export function hashRand(recipientRand) {
  return keccak256(encodeAbiParameters([{ type: 'uint256' }], [recipientRand]))
}

/** The draw of a signed ticket: keccak256(r ‖ s ‖ recipientRand). */
export function drawOf(signature, recipientRand) {
  return BigInt(keccak256(concat([sliceHex(signature, 0, 64), encodeAbiParameters([{ type: 'uint256' }], [recipientRand])])))
}
