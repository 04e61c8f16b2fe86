// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IVerifier} from "../../src/interfaces/IVerifier.sol";

/// @notice A verifier that answers at once, for a service whose output is defined by a hash: the output must hash from the input. Evidence
/// is the input; evidence that is not the input proves nothing.
contract HashVerifier is IVerifier {
    function judge(bytes32, IVerifier.Receipt calldata receipt, address, bytes calldata evidence)
        external
        pure
        override
        returns (IVerifier.Verdict)
    {
        if (keccak256(evidence) != receipt.inputHash) return IVerifier.Verdict.Innocent;
        return keccak256(abi.encode(evidence)) == receipt.outputHash ? IVerifier.Verdict.Innocent : IVerifier.Verdict.Guilty;
    }
}
