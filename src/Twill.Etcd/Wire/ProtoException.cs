namespace Twill.Etcd.Wire;

/// <summary>Bytes that are no protobuf message; the text says where. Becomes an <see cref="EtcdException"/> where the endpoint is known.</summary>
internal sealed class ProtoException(string message) : Exception(message);
