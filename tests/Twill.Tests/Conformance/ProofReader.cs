using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Twill.Tests.Conformance;

/// <summary>Which tests of an assembly say that they prove a statement: [Trait("cni", ID)] on a test that is not skipped, or on its class.</summary>
/// <remarks>The assembly is only read, not loaded, so that the kernel tests need neither root nor their dependencies here.</remarks>
internal static class ProofReader
{
    private const string Kind = "cni";

    /// <summary>ECMA-335 II.23.3: a named property, of type string, whose name has four letters.</summary>
    private static readonly byte[] s_skip = [0x54, 0x0e, 0x04, (byte)'S', (byte)'k', (byte)'i', (byte)'p'];

    /// <returns>Pairs of statement and "Class.Method".</returns>
    internal static IReadOnlyList<(string Id, string Test)> Read(string assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly));
        MetadataReader reader = file.GetMetadataReader();
        var proofs = new List<(string Id, string Test)>();
        foreach (TypeDefinitionHandle handle in reader.TypeDefinitions)
        {
            TypeDefinition type = reader.GetTypeDefinition(handle);
            List<string> ofClass = Ids(reader, type.GetCustomAttributes(), out _, out _);
            foreach (MethodDefinitionHandle methodHandle in type.GetMethods())
            {
                MethodDefinition method = reader.GetMethodDefinition(methodHandle);
                List<string> ids = Ids(reader, method.GetCustomAttributes(), out bool isTest, out bool isSkipped);
                if (!isTest || isSkipped) continue;
                proofs.AddRange(ofClass.Union(ids).Select(id => (id, $"{reader.GetString(type.Name)}.{reader.GetString(method.Name)}")));
            }
        }

        return proofs;
    }

    private static List<string> Ids(MetadataReader reader, CustomAttributeHandleCollection attributes, out bool isTest, out bool isSkipped)
    {
        var ids = new List<string>();
        isTest = isSkipped = false;
        foreach (CustomAttributeHandle handle in attributes)
        {
            CustomAttribute attribute = reader.GetCustomAttribute(handle);
            if (attribute.Constructor.Kind != HandleKind.MemberReference) continue;
            EntityHandle parent = reader.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent;
            if (parent.Kind != HandleKind.TypeReference) continue;
            string name = reader.GetString(reader.GetTypeReference((TypeReferenceHandle)parent).Name);
            if (name is "FactAttribute" or "TheoryAttribute")
            {
                isTest = true;
                isSkipped |= reader.GetBlobBytes(attribute.Value).AsSpan().IndexOf(s_skip) >= 0;
            }
            else if (name == "TraitAttribute")
            {
                BlobReader value = reader.GetBlobReader(attribute.Value);
                _ = value.ReadUInt16();
                if (value.ReadSerializedString() == Kind && value.ReadSerializedString() is { } id) ids.Add(id);
            }
        }

        return ids;
    }
}
