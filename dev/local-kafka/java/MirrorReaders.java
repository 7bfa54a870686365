import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.MessageFormatter;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.connect.mirror.RemoteClusterUtils;
import org.apache.kafka.connect.mirror.formatters.CheckpointFormatter;
import org.apache.kafka.connect.mirror.formatters.HeartbeatFormatter;
import org.apache.kafka.connect.mirror.formatters.OffsetSyncFormatter;

/**
 * What the reference's library and formatters make of a mirror's topics.
 *
 *   answers <servers> <remote alias> <group,...> [key=value ...]   prints what RemoteClusterUtils says, a line each
 *   lines <servers> checkpoints|heartbeats|offset-syncs <topic>    prints the records of a topic through its formatter
 */
public class MirrorReaders {
    public static void main(String[] args) throws Exception {
        if (args[0].equals("lines")) lines(args[1], args[2], args[3]);
        else answers(args);
    }

    private static void answers(String[] args) throws Exception {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", args[1]);
        for (int i = 4; i < args.length; i++) {
            int equals = args[i].indexOf('=');
            settings.put(args[i].substring(0, equals), args[i].substring(equals + 1));
        }
        String alias = args[2];
        System.out.println("replicationHops " + RemoteClusterUtils.replicationHops(settings, alias));
        System.out.println("heartbeatTopics " + new TreeSet<>(RemoteClusterUtils.heartbeatTopics(settings)));
        System.out.println("checkpointTopics " + new TreeSet<>(RemoteClusterUtils.checkpointTopics(settings)));
        System.out.println("upstreamClusters " + new TreeSet<>(RemoteClusterUtils.upstreamClusters(settings)));
        for (String group : args[3].split(",")) {
            Map<TopicPartition, OffsetAndMetadata> offsets =
                RemoteClusterUtils.translateOffsets(settings, alias, group, Duration.ofSeconds(10));
            Map<String, String> sorted = new TreeMap<>();
            offsets.forEach((at, position) -> sorted.put(at.toString(), position.offset() + "/" + position.metadata()));
            System.out.println("translateOffsets " + group + " " + sorted);
        }
    }

    private static void lines(String servers, String kind, String topic) throws Exception {
        try (MessageFormatter formatter = formatter(kind)) {
            formatter.configure(Map.of());
            Map<String, Object> settings = Map.of("bootstrap.servers", servers, "auto.offset.reset", "none");
            ByteArrayDeserializer bytes = new ByteArrayDeserializer();
            try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings, bytes, bytes)) {
                TopicPartition partition = new TopicPartition(topic, 0);
                consumer.assign(List.of(partition));
                consumer.seekToBeginning(List.of(partition));
                long end = consumer.endOffsets(List.of(partition)).get(partition);
                while (consumer.position(partition) < end) {
                    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) formatter.writeTo(record, System.out);
                }
            }
        }
    }

    private static MessageFormatter formatter(String kind) {
        switch (kind) {
            case "checkpoints": return new CheckpointFormatter();
            case "heartbeats": return new HeartbeatFormatter();
            default: return new OffsetSyncFormatter();
        }
    }
}
